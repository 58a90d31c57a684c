import type { Dispatcher } from 'undici'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { readBounded } from '../outgoing/read-bounded.ts'

/** A person waits for several such requests in a row. */
const TIMEOUT_MS = 10_000
/** Answers of identity servers are a few keys and names. */
const MAX_ANSWER_BYTES = 64 * 1024

/** A request to an identity server. */
export interface IdentityRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  /** The user's own access token for that server; it is never logged. */
  readonly accessToken?: string
  readonly body?: JsonObject
}

/**
 * Sends a request and reads the answer's JSON object. Redirects are failures.
 *
 * @throws MatrixError in our words: 403 M_TERMS_NOT_SIGNED, 403 M_FORBIDDEN where the access token is refused, 502
 *   M_UNKNOWN for everything else.
 */
export async function requestJson(
  dispatcher: Dispatcher,
  { method, url, accessToken, body }: IdentityRequest,
): Promise<JsonObject> {
  const failure = (): MatrixError =>
    new MatrixError(502, 'M_UNKNOWN', `The identity server ${url.host} could not be asked`)
  let status: number
  let answer: unknown
  try {
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: {
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    status = response.statusCode
    answer = parseJson(await readBounded(response.body, MAX_ANSWER_BYTES))
  } catch {
    throw failure()
  }
  if (!isJsonObject(answer)) throw failure()
  if (status === 200) return answer
  if (ownValue(answer, 'errcode') === 'M_TERMS_NOT_SIGNED') {
    const sentence = `You have to agree to the terms of ${url.host} first`
    throw new MatrixError(403, 'M_TERMS_NOT_SIGNED', sentence)
  }
  if (status === 401 || status === 403) {
    throw new MatrixError(403, 'M_FORBIDDEN', `${url.host} does not accept your access token for it`)
  }
  throw failure()
}
