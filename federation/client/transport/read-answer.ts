import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonValue } from '../../../protocol/json/value.ts'
import { OK, type Exchange } from './exchange.ts'
import { FederationRequestError } from './federation-request-error.ts'

/** From here on the answer says that the server, not the request, is at fault. */
export const FIRST_SERVER_ERROR = 500
/** Error codes in use have a third of this; the rest would be text for our logs. */
const MAX_ERRCODE_LENGTH = 100
/** Sentences for people are shorter. */
const MAX_ERROR_LENGTH = 500

function parse(body: Buffer): JsonValue | undefined {
  try {
    return parseJson(body)
  } catch {
    return undefined
  }
}

/**
 * What a request was answered with.
 *
 * @throws FederationRequestError `bad-answer` for a body that is no JSON; `unreachable` for a 5xx without an
 *   error code, which comes from a proxy in front of a server that is down; `refused` for every other status.
 */
export function readAnswer(destination: string, { status, body }: Exchange): JsonValue {
  const answer = parse(body)
  if (status === OK) {
    if (answer !== undefined) return answer
    throw new FederationRequestError(destination, 'bad-answer', 'the answer is no JSON', { status })
  }
  throw failureOf(destination, { status, body })
}

/** What an answer with another status than 200 means, as `readAnswer` throws it. */
export function failureOf(destination: string, { status, body }: Exchange): FederationRequestError {
  const answer = parse(body)
  const code = isJsonObject(answer) ? ownValue(answer, 'errcode') : undefined
  const errcode = typeof code === 'string' && code.length <= MAX_ERRCODE_LENGTH ? { errcode: code } : {}
  const sentence = isJsonObject(answer) ? ownValue(answer, 'error') : undefined
  const told = typeof sentence === 'string' ? { told: sentence.slice(0, MAX_ERROR_LENGTH) } : {}
  const kind = status >= FIRST_SERVER_ERROR && !('errcode' in errcode) ? 'unreachable' : 'refused'
  return new FederationRequestError(destination, kind, `status ${status}`, { status, ...errcode, ...told })
}
