import { DEFAULT_REMOTE_TIMEOUT_MS, MAX_REMOTE_TIMEOUT_MS } from '../../../e2ee/keys/key-limits.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'

/** `timeout` of a body: milliseconds that other servers may take. @throws MatrixError 400 M_BAD_JSON. */
export function remoteTimeout(body: JsonObject): number {
  const timeout = ownValue(body, 'timeout') ?? DEFAULT_REMOTE_TIMEOUT_MS
  if (typeof timeout !== 'number' || timeout < 0) {
    throw new MatrixError(400, 'M_BAD_JSON', '`timeout` must be a number that is not negative')
  }
  return Math.min(timeout, MAX_REMOTE_TIMEOUT_MS)
}
