import type { Session } from '../../homeserver/accounts/sessions.ts'
import {
  findRepeated,
  scheduleEvent,
  type DelayRequest,
} from '../../homeserver/delayed-events/schedule-event.ts'
import { json, type Answer } from '../../homeserver/http/answer.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'

/** With this query parameter `/send` and `/state` delay the event by so many milliseconds. */
const DELAY = 'org.matrix.msc4140.delay'
/** More digits than any delay that is allowed. */
const DELAY_FORMAT = /^[0-9]{1,15}$/

/** The event that a request is about. */
export interface EventOfRequest {
  readonly roomId: string
  readonly type: string
  readonly stateKey?: string
}

/**
 * The form of MSC4140 before it was accepted, which clients still use. A server that passed the parameter over would
 * send at once what is meant for the end of a call.
 *
 * @param txnId undefined where the endpoint has none.
 * @returns the answer; undefined for a request that wants no delay.
 * @throws MatrixError as `scheduleEvent`, but 400 M_UNKNOWN with `org.matrix.msc4140.max_delay` for a delay that is too
 *   long, by which clients find a shorter one.
 */
export async function scheduleByQuery(
  { delayedEvents }: ClientApiContext,
  request: IncomingRequest,
  session: Session,
  { roomId, type, stateKey }: EventOfRequest,
  txnId: string | undefined,
): Promise<Answer | undefined> {
  const text = request.query(DELAY)
  if (text === undefined) return undefined
  const delayMs = DELAY_FORMAT.test(text) ? Number(text) : 0
  if (delayMs === 0) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `${DELAY} must be a number of milliseconds above 0`)
  }
  const repeatable: DelayRequest | undefined = txnId === undefined ? undefined : { roomId, type, txnId }
  const before = repeatable && (await findRepeated(delayedEvents, session, repeatable))
  if (before !== undefined) return json({ delay_id: before })
  const { maxDelayMs } = delayedEvents.config
  if (delayMs > maxDelayMs && maxDelayMs > 0) throw tooLong(maxDelayMs)
  const event = { roomId, type, stateKey, content: await request.object(), delayMs }
  return json({ delay_id: await scheduleEvent(delayedEvents, session, event, repeatable) })
}

function tooLong(maxDelayMs: number): MatrixError {
  return new MatrixError(400, 'M_UNKNOWN', `Events are delayed by ${maxDelayMs} milliseconds at most`, {
    'org.matrix.msc4140.errcode': 'M_MAX_DELAY_EXCEEDED',
    'org.matrix.msc4140.max_delay': maxDelayMs,
  })
}
