import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { TimeWish } from './event-at-time.ts'

/** Reads the `ts` and `dir` of clients and servers alike. @throws MatrixError 400. */
export function readTimeWish(text: string | undefined, direction: string | undefined): TimeWish {
  if (text === undefined || direction === undefined) {
    throw new MatrixError(400, 'M_MISSING_PARAM', '`ts` and `dir` are needed')
  }
  const ts = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(ts)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`ts` must be a number of milliseconds')
  }
  if (direction !== 'b' && direction !== 'f') {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`dir` must be "b" or "f"')
  }
  return { ts, direction }
}
