import type { AnswerLedger } from './answer-ledger.ts'
import type { ObservedAnswer } from './observed-answer.ts'
import type { OwnPorts } from './observe-endpoints.ts'

/** Servers that are tested against say who they are; ours does not. */
const OTHER_SERVERS = /synapse|dendrite|conduit|tuwunel/i

/** A body that is not here by then was cut off. */
const BODY_TIMEOUT_MS = 5_000

/**
 * From now on answers that `fetch` gets come into the ledger, if they are from servers in other processes, or streamed:
 * the others are seen where the endpoint makes them.
 */
export function observeFetch(ledger: AnswerLedger, ports: OwnPorts): void {
  const real = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const response = await real(input, init)
    const { pathname, search, port } = new URL(
      response.url || String(input instanceof Request ? input.url : input),
    )
    const seenAlready = ports.has(Number(port)) && response.headers.has('content-length')
    if (isChecked(response, pathname) && !seenAlready) {
      const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase()
      ledger.check(textOf(response, method, pathname + search))
    }
    return response
  }
}

function isChecked({ headers }: Response, pathname: string): boolean {
  return (
    /^\/(_matrix|\.well-known\/matrix)\//.test(pathname) &&
    headers.get('content-type') === 'application/json' &&
    !OTHER_SERVERS.test(headers.get('server') ?? '')
  )
}

async function textOf(
  response: Response,
  method: string,
  target: string,
): Promise<ObservedAnswer | undefined> {
  if (method === 'HEAD') return undefined
  const late = new Promise<undefined>((resolve) =>
    setTimeout(() => resolve(undefined), BODY_TIMEOUT_MS).unref(),
  )
  // Where the connection broke or the test gave up nobody got this answer.
  const text = await Promise.race([
    response
      .clone()
      .text()
      .catch(() => undefined),
    late,
  ])
  return text === undefined ? undefined : { method, target, status: response.status, text }
}
