import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { DelayedEvent } from '../../storage/delayed-events/delayed-event.ts'
import { findDelayedEvent, scheduledEventsOf } from '../../storage/delayed-events/delayed-event-reader.ts'
import {
  finaliseDelayedEvent,
  rescheduleUser,
  SEND_DELAYED_EVENTS,
} from '../../storage/delayed-events/delayed-event-writer.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { JobPayload } from '../../storage/jobs/job.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { DelayedEvents } from './delayed-events.ts'
import { sendDelayedEvent } from './send-delayed-event.ts'

/** Users whose events are sent at the same time: one whose invite waits for another server holds up few others. */
const CONCURRENT_USERS = 20
/** Events of one user that are read at once. */
const PAGE = 100

/** Declares the job that sends what is due of a user. Before the start of the jobs. */
export function registerSending(jobs: JobRunner, delayedEvents: DelayedEvents): void {
  jobs.register({
    kind: SEND_DELAYED_EVENTS,
    concurrency: CONCURRENT_USERS,
    read: readUser,
    handle: (userNid, { signal }) => sendDueEvents(delayedEvents, userNid, signal),
  })
}

/** Sends a user's due events in the order of their times, and has the job done again for the next. */
async function sendDueEvents(
  delayedEvents: DelayedEvents,
  userNid: UserNid,
  signal: AbortSignal,
): Promise<void> {
  const { queries, now } = delayedEvents.rooms.services
  for (let due: DelayedEvent[]; ;) {
    due = await scheduledEventsOf(queries, userNid, { dueBy: now(), limit: PAGE })
    for (const { delayId } of due) {
      signal.throwIfAborted()
      await delayedEvents.turns.take(delayId, () => sendIfDue(delayedEvents, delayId))
    }
    if (due.length < PAGE) break
  }
  await rescheduleUser(queries, userNid)
  delayedEvents.jobs.wake()
}

/** It may have been cancelled or restarted since it was found to be due. */
async function sendIfDue({ rooms }: DelayedEvents, delayId: string): Promise<void> {
  const { queries } = rooms.services
  const now = rooms.services.now()
  const event = await findDelayedEvent(queries, delayId)
  if (!event || event.finalised || event.delayedSinceTs + event.delayMs > now) return
  try {
    const eventId = await sendDelayedEvent(rooms, event)
    await finaliseDelayedEvent(queries, delayId, { finalisedTs: rooms.services.now(), eventId })
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    await finaliseDelayedEvent(queries, delayId, {
      finalisedTs: rooms.services.now(),
      error: JSON.stringify({ errcode: error.errcode, error: error.message, ...error.fields }),
    })
  }
}

function readUser(payload: JobPayload): UserNid {
  if (typeof payload !== 'number') throw new TypeError('no user number')
  return payload as UserNid
}
