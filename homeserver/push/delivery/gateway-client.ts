import { request, type Dispatcher } from 'undici'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { readBounded } from '../../outgoing/read-bounded.ts'

/** A gateway hands on to others what it gets; one that takes longer is tried again. */
const TIMEOUT_MS = 10_000
/** An answer lists the keys of one request. */
const MAX_ANSWER_BYTES = 64 * 1024
const MAX_RETRY_AFTER_MS = 3_600_000
const MS_PER_S = 1000

/** A gateway that could not be reached, or has not taken the notification. */
export class GatewayError extends Error {
  /** How long the gateway wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'GatewayError'
    this.retryAfterMs = options.retryAfterMs
  }
}

/**
 * Tells a gateway (push gateway API, `POST /_matrix/push/v1/notify`). Redirects are not followed.
 *
 * @returns the keys that it rejects.
 * @throws GatewayError
 */
export async function notifyGateway(
  dispatcher: Dispatcher,
  url: string,
  body: JsonObject,
  stop: AbortSignal,
): Promise<readonly string[]> {
  try {
    const answer = await request(url, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    const text = await readBounded(answer.body, MAX_ANSWER_BYTES)
    const { statusCode } = answer
    if (statusCode >= 200 && statusCode < 300) return rejectedIn(text)
    const retryAfterMs = retryAfter(answer.headers['retry-after'])
    throw new GatewayError(`the gateway answered ${statusCode}`, { retryAfterMs })
  } catch (error) {
    if (error instanceof GatewayError) throw error
    throw new GatewayError('the gateway could not be reached', { cause: error })
  }
}

/** Taken is taken: an answer that is none is no reason to notify again. */
function rejectedIn(text: Buffer): readonly string[] {
  try {
    const answer = parseJson(text)
    const rejected = isJsonObject(answer) ? ownValue(answer, 'rejected') : undefined
    return Array.isArray(rejected) ? rejected.filter((key) => typeof key === 'string') : []
  } catch {
    return []
  }
}

function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(header)
  return seconds > 0 ? Math.min(seconds * MS_PER_S, MAX_RETRY_AFTER_MS) : undefined
}
