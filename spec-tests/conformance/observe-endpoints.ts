import Router from '@koa/router'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { errorAnswer } from '../../homeserver/http/error-answer.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import type { AnswerLedger } from './answer-ledger.ts'

/** Endpoints that tests declare answer what the tests like. */
const OF_TESTS = /\.test\.ts|\/test-support\/|\/spec-tests\//

/** The ports on which servers of this process have answered. */
export type OwnPorts = Set<number>

/** From now on every answer of an endpoint that the server declares in this process comes into the ledger. */
export function observeEndpoints(ledger: AnswerLedger, ports: OwnPorts): void {
  const register = Router.prototype.register
  Router.prototype.register = function (path, methods, middleware, options) {
    const [endpoint, ...others] = [middleware].flat()
    if (!endpoint || others.length > 0 || isDeclaredByTest()) {
      return register.call(this, path, methods, middleware, options)
    }
    const run = endpoint as EndpointMiddleware
    const observed: EndpointMiddleware = async (context) => {
      const { request } = context.state
      ports.add(request.message.socket.localPort ?? 0)
      try {
        await run(context)
      } catch (error) {
        note(ledger, request, errorAnswer(error))
        throw error
      }
      if (context.state.answer) note(ledger, request, context.state.answer)
    }
    return register.call(this, path, methods, observed, options)
  }
}

function note(ledger: AnswerLedger, request: IncomingRequest, { status, body }: Answer): void {
  const { method, pattern, target } = request
  if (method === 'HEAD') return
  ledger.count(`${method} ${pattern}`, status)
  if ('json' in body) ledger.check({ method, target, status, text: JSON.stringify(body.json) })
  else if ('jsonText' in body) ledger.check({ method, target, status, text: body.jsonText.toString() })
}

function isDeclaredByTest(): boolean {
  const frames = (new Error().stack ?? '').split('\n').slice(1)
  const declaring = frames.find((frame) => !/node_modules|observe-endpoints|node:|<anonymous>/.test(frame))
  return declaring !== undefined && OF_TESTS.test(declaring)
}
