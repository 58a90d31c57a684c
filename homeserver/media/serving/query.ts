import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { IncomingRequest } from '../../http/incoming-request.ts'

/** How long to wait for content that has not been uploaded, unless the request says. */
const DEFAULT_TIMEOUT_MS = 20_000

/** `timeout_ms`. @throws MatrixError 400 M_INVALID_PARAM for what is no number of milliseconds. */
export function timeoutOf(request: IncomingRequest): number {
  const text = request.query('timeout_ms')
  if (text === undefined) return DEFAULT_TIMEOUT_MS
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new MatrixError(400, 'M_INVALID_PARAM', '`timeout_ms` must be a number of milliseconds')
}

/** A flag in a query. @throws MatrixError 400 M_INVALID_PARAM for another value than true and false. */
export function flagOf(request: IncomingRequest, name: string, otherwise: boolean): boolean {
  const text = request.query(name)
  if (text === undefined) return otherwise
  if (text === 'true' || text === 'false') return text === 'true'
  throw new MatrixError(400, 'M_INVALID_PARAM', `\`${name}\` must be true or false`)
}
