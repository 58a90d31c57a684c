import { deleteDelayedEventsOf } from '../../storage/delayed-events/delayed-event-writer.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { DelayedEventsConfig } from '../config/sections/delayed-events.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { OneAtATime } from '../turns/one-at-a-time.ts'
import { registerSending } from './send-due-events.ts'

/** What the functions of this folder work with. */
export interface DelayedEvents {
  readonly rooms: RoomActions
  readonly config: DelayedEventsConfig
  readonly jobs: Pick<JobRunner, 'wake'>
  /** By delay id: an event that is being sent is neither cancelled nor sent a second time. */
  readonly turns: OneAtATime
}

/**
 * Events that wait for their time (MSC4140). Before the start of the jobs.
 *
 * They belong to their user and not to the device that scheduled them: what a client leaves behind for when it is gone
 * is sent after its logout too, or cancelled from another device. Closing the account forgets them.
 */
export function openDelayedEvents(
  rooms: RoomActions,
  config: DelayedEventsConfig,
  accounts: Pick<Accounts, 'listeners'>,
  jobs: JobRunner,
): DelayedEvents {
  const delayedEvents = { rooms, config, jobs, turns: new OneAtATime() }
  registerSending(jobs, delayedEvents)
  accounts.listeners.push({
    accountDeactivated: ({ userNid }) => deleteDelayedEventsOf(rooms.services.queries, userNid),
  })
  return delayedEvents
}
