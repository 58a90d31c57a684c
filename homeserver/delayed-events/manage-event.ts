import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { DelayedEvent } from '../../storage/delayed-events/delayed-event.ts'
import { findDelayedEvent } from '../../storage/delayed-events/delayed-event-reader.ts'
import {
  finaliseDelayedEvent,
  restartDelayedEvent,
} from '../../storage/delayed-events/delayed-event-writer.ts'
import type { DelayedEvents } from './delayed-events.ts'
import { sendDelayedEvent } from './send-delayed-event.ts'

/** What may be done to a delayed event. */
export type DelayAction = 'send' | 'cancel' | 'restart'

/** Whether a text names an action. */
export function isDelayAction(text: string): text is DelayAction {
  return text === 'send' || text === 'cancel' || text === 'restart'
}

/**
 * Sends, cancels or restarts a delayed event (MSC4140, "Managing scheduled delayed events"). What has been done
 * already is done without effect.
 *
 * @param mayManage decides by the event's user; false is answered as if the event did not exist.
 * @throws MatrixError 404 M_NOT_FOUND; 409 M_UNKNOWN for what was finalised otherwise; as `sendDelayedEvent`, and then
 *   the event stays scheduled.
 */
export function manageEvent(
  delayedEvents: DelayedEvents,
  delayId: string,
  action: DelayAction,
  mayManage: (event: DelayedEvent) => boolean,
): Promise<void> {
  const { rooms, turns } = delayedEvents
  const { queries, now } = rooms.services
  return turns.take(delayId, async () => {
    const event = await findDelayedEvent(queries, delayId)
    if (!event || !mayManage(event)) throw noSuchEvent()
    rooms.limits.delayedEventManagement.consume(event.userId)
    if (event.finalised) return checkOutcome(event, action)
    if (action === 'cancel') await finaliseDelayedEvent(queries, delayId, { finalisedTs: now() })
    if (action === 'restart') await restartDelayedEvent(queries, delayId, now())
    if (action !== 'send') return
    const eventId = await sendDelayedEvent(rooms, event)
    await finaliseDelayedEvent(queries, delayId, { finalisedTs: now(), eventId })
  })
}

/** There is none, or none of this user. */
export function noSuchEvent(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'There is no such delayed event')
}

function checkOutcome({ finalised }: DelayedEvent, action: DelayAction): void {
  const sent = finalised?.eventId !== undefined
  if (action === (sent ? 'send' : 'cancel')) return
  const outcome = sent ? 'has been sent' : 'has been cancelled'
  throw new MatrixError(409, 'M_UNKNOWN', `The delayed event ${outcome} already`)
}
