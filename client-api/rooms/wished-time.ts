import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** Whole milliseconds up to 2^53 − 1, which is what an event can hold. */
const TIME = /^\d{1,16}$/

/**
 * The time that an application service wants its event to carry (application service API, "Timestamp massaging");
 * undefined for now, and for everybody else, whose `ts` means nothing.
 *
 * @throws MatrixError 400 M_INVALID_PARAM for what no event can carry.
 */
export function wishedTime(request: IncomingRequest, { appService }: Session): number | undefined {
  const text = appService ? request.query('ts') : undefined
  if (text === undefined) return undefined
  const time = TIME.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(time)) return time
  throw new MatrixError(400, 'M_INVALID_PARAM', '`ts` must be a time in milliseconds since the epoch')
}
