import type { Dispatcher } from 'undici'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { readBounded } from '../outgoing/read-bounded.ts'

/** A person waits for several such requests in a row. */
const TIMEOUT_MS = 10_000
/** Answers of identity servers are a few keys and names. */
const MAX_ANSWER_BYTES = 64 * 1024

/** What is wrong with a session at an identity server, which the client that has begun it has to know. */
const SESSION_ERRORS: ReadonlyMap<string, string> = new Map([
  ['M_SESSION_NOT_VALIDATED', 'has not got the link or the code of its message back yet'],
  ['M_SESSION_EXPIRED', 'has waited too long for the link or the code of its message; begin anew'],
  ['M_NO_VALID_SESSION', 'knows no such session'],
])

/** A request to an identity server. */
export interface IdentityRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  /** The user's own access token for that server; it is never logged. */
  readonly accessToken?: string
  readonly body?: JsonObject
}

/** A request as it goes out. */
export interface IdentityWireRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** An answer of an identity server; without a JSON object where there is none. */
export interface IdentityAnswer {
  readonly status: number
  readonly body: JsonObject | undefined
}

/** Sends a request. Redirects are answers. @throws MatrixError 502 M_UNKNOWN where nothing comes back. */
export async function exchange(
  dispatcher: Dispatcher,
  { method, url, headers, body }: IdentityWireRequest,
): Promise<IdentityAnswer> {
  try {
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { ...headers },
      body: body ?? null,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await readBounded(response.body, MAX_ANSWER_BYTES)
    return { status: response.statusCode, body: objectIn(text) }
  } catch {
    throw unreachable(url)
  }
}

function objectIn(text: Buffer): JsonObject | undefined {
  try {
    const value = parseJson(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * Sends a request and reads the answer's JSON object. Redirects are failures.
 *
 * @throws MatrixError in our words: 403 M_TERMS_NOT_SIGNED, 403 M_FORBIDDEN where the access token is refused, what is
 *   wrong with a session, 502 M_UNKNOWN for everything else.
 */
export async function requestJson(
  dispatcher: Dispatcher,
  { method, url, accessToken, body }: IdentityRequest,
): Promise<JsonObject> {
  const answer = await exchange(dispatcher, {
    method,
    url,
    headers: {
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
  })
  if (answer.status === 200 && answer.body) return answer.body
  throw answer.body ? refusal(url, answer.status, answer.body) : unreachable(url)
}

/** What an answer that is no success means. */
export function refusal({ host }: URL, status: number, body: JsonObject): MatrixError {
  const errcode = ownValue(body, 'errcode')
  if (errcode === 'M_TERMS_NOT_SIGNED') {
    return new MatrixError(403, errcode, `You have to agree to the terms of ${host} first`)
  }
  const session = typeof errcode === 'string' ? SESSION_ERRORS.get(errcode) : undefined
  if (session !== undefined) {
    return new MatrixError(
      status === 404 ? 404 : 400,
      String(errcode),
      `The identity server ${host} ${session}`,
    )
  }
  if (status === 401 || status === 403) {
    return new MatrixError(403, 'M_FORBIDDEN', `${host} does not accept your access token for it`)
  }
  return unreachable({ host })
}

function unreachable({ host }: Pick<URL, 'host'>): MatrixError {
  return new MatrixError(502, 'M_UNKNOWN', `The identity server ${host} could not be asked`)
}
