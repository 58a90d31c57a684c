import type { JobRunner } from '../../jobs/job-runner.ts'
import { StreamFollower } from '../../stream/stream-follower.ts'
import { beginCursor } from '../../../storage/position/stream-cursor.ts'
import type { RoomActions } from '../actions/room-actions.ts'
import { registerDismissals } from './dismiss-guests.ts'
import { FOLLOWER, followChanges, type CameIn } from './follow-changes.ts'
import { registerFollowing } from './follow-upgrade.ts'
import { RoomTies } from './room-ties.ts'

/**
 * What changes of rooms entail for this server's users, whoever made them and wherever: guests leave rooms that take
 * none any more, settings follow into rooms that replace others, and rooms that users were put out of are forgotten
 * where that is configured; `cameIn` is told who has come into which room. Found in the stream behind a stored cursor and done by jobs, so that no crash loses any.
 *
 * Before the start of the jobs.
 */
export async function startConsequences(
  actions: RoomActions,
  jobs: JobRunner,
  cameIn: CameIn,
  onError: (error: unknown) => void,
): Promise<StreamFollower> {
  const { queries, committer } = actions.services
  const ties = new RoomTies(actions.services)
  registerDismissals(jobs, actions)
  registerFollowing(jobs, actions, ties)
  await beginCursor(queries, FOLLOWER, committer.head)
  const follower = new StreamFollower({
    consumer: FOLLOWER,
    queries,
    committer,
    onError,
    step: async (after, until) => {
      const { end, scheduled } = await followChanges({ actions, ties, cameIn }, after, until)
      if (scheduled) jobs.wake()
      return end
    },
  })
  await follower.start()
  return follower
}
