import Koa, { type Context } from 'koa'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Answer, AnswerBody } from './answer.ts'
import { clientAddress, type ForwardedTrust } from './client-address.ts'
import type { EndpointState } from './endpoint.ts'
import { errorAnswer } from './error-answer.ts'
import type { HttpLog } from './http-log.ts'
import { IncomingRequest } from './incoming-request.ts'
import type { RouteTable } from './route-table.ts'

/** Cross-origin headers of every answer (client-server API, "Web browser clients"). */
const CORS_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': 'X-Requested-With, Content-Type, Authorization',
  'Access-Control-Expose-Headers': 'Retry-After',
}

/** An answer that takes this long to make is worth a line; long polls have `timeout` in their query and are not. */
const SLOW_ANSWER_MS = 5_000

/** What an application needs to know. */
export interface ApplicationOptions {
  readonly log: HttpLog
  /** Whose `X-Forwarded-For` is believed; nobody's if it is left out. */
  readonly trustForwarded?: ForwardedTrust | undefined
  /** Told of every answered request, for metrics. `pattern` is the declared path; milliseconds. */
  readonly onAnswered?: (pattern: string, method: string, status: number, milliseconds: number) => void
}

let requestCount = 0

/** The Koa application that serves a table of routes. */
export function createApplication(routes: RouteTable, options: ApplicationOptions): Koa {
  const app = new Koa()
  app.silent = true
  app.use(async (context) => {
    if (context.method === 'OPTIONS') {
      context.set(CORS_HEADERS)
      context.status = 204
      return
    }
    const started = performance.now()
    const id = (++requestCount).toString(36)
    const served = { pattern: '(none)' }
    let answer: Answer
    try {
      answer = await dispatch(context, routes, id, served, options)
    } catch (error) {
      answer = errorAnswer(error)
      // What is told on purpose, of another server for example, is no failure of this one.
      if (answer.status >= 500 && !(error instanceof MatrixError))
        options.log.error({ request: id, route: served.pattern, err: error }, 'request failed')
    }
    send(context, answer)
    const milliseconds = performance.now() - started
    options.onAnswered?.(served.pattern, context.method, answer.status, milliseconds)
    const line = {
      request: id,
      method: context.method,
      route: served.pattern,
      status: answer.status,
      ms: milliseconds,
    }
    const slow = milliseconds > SLOW_ANSWER_MS && !context.querystring.includes('timeout=')
    options.log[slow ? 'warn' : 'debug'](line, 'answered')
  })
  return app
}

async function dispatch(
  context: Context,
  routes: RouteTable,
  id: string,
  served: { pattern: string },
  options: ApplicationOptions,
): Promise<Answer> {
  const target = context.req.url ?? '/'
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const { route, params } = routes.find(context.method, path)
  served.pattern = route.pattern
  const request = new IncomingRequest(context.req, {
    id,
    clientAddress: clientAddress(context.req, options.trustForwarded),
    pattern: route.pattern,
    params,
    rawQuery: mark < 0 ? '' : target.slice(mark + 1),
  })
  const state: EndpointState = { request }
  await route.run({ state })
  if (!state.answer) throw new TypeError(`${route.pattern} gave no answer`)
  return state.answer
}

function send(context: Context, answer: Answer): void {
  const { status, headers, body } = answer
  const text = textOf(body)
  if (text !== undefined && !headers) return sendText(context, status, text)
  context.status = status
  context.set(CORS_HEADERS)
  if ('stream' in body) context.body = body.stream
  else if ('bytes' in body) context.body = body.bytes
  else {
    context.set('Content-Type', 'application/json')
    context.body = text
  }
  if (headers) context.set(headers)
}

function textOf(body: AnswerBody): string | Buffer | undefined {
  if ('json' in body) return JSON.stringify(body.json)
  return 'jsonText' in body ? body.jsonText : undefined
}

/** Past Koa's response, whose headers, one by one, cost as much as the rest of a small answer. */
function sendText(context: Context, status: number, text: string | Buffer): void {
  context.respond = false
  context.res.writeHead(status, {
    ...CORS_HEADERS,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  })
  context.res.end(context.method === 'HEAD' ? undefined : text)
}
