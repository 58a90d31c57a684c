import { findAccount } from '../../../../storage/accounts/account-reader.ts'
import { cancelJob, scheduleJob } from '../../../../storage/jobs/schedule-job.ts'
import type { JobPayload } from '../../../../storage/jobs/job.ts'
import type { JobRunner } from '../../../jobs/job-runner.ts'
import { RoomTies } from '../../consequences/room-ties.ts'
import type { Actor } from '../actor.ts'
import { residentRoom } from '../join-room.ts'
import type { RoomActions } from '../room-actions.ts'
import { closeLevels } from './close-levels.ts'
import { moveAliases } from './move-aliases.ts'
import type { RoomMove } from './room-moved.ts'

const KIND = 'rooms.finish-upgrade'
/** The request itself does it within seconds; the job is for a process that has died meanwhile. */
const PATIENCE_MS = 60_000

/**
 * Stores that an upgrade is to be finished, before the old room is closed: from then on it will be, even if this
 * process dies.
 */
export async function promiseToFinish(
  { services: { queries } }: RoomActions,
  { userId }: Actor,
  { oldRoomId, newRoomId }: RoomMove,
): Promise<void> {
  const payload = { userId, oldRoomId, newRoomId }
  await scheduleJob(queries, { kind: KIND, key: newRoomId, payload, runAt: Date.now() + PATIENCE_MS })
}

/** What is left of an upgrade once the old room is closed. Twice is like once. */
export async function finishUpgrade(actions: RoomActions, user: Actor, move: RoomMove): Promise<void> {
  await moveAliases(actions, user, move)
  for (const listener of actions.moved) await listener.roomMoved?.(move, user.userId)
  const room = await residentRoom(actions, move.oldRoomId)
  if (room) await closeLevels(actions, user, room)
  await cancelJob(actions.services.queries, KIND, move.newRoomId)
}

/** Declares the job. Before the start of the jobs. */
export function registerUpgradeEnds(jobs: JobRunner, actions: RoomActions): void {
  const { queries, interner } = actions.services
  const ties = new RoomTies(actions.services)
  jobs.register({
    kind: KIND,
    read: readMove,
    handle: async ({ userId, ...move }) => {
      const [oldNid, user] = [await interner.findRoomNid(move.oldRoomId), await findAccount(queries, userId)]
      // Without the old room's word for it, the upgrade has failed.
      if (oldNid === undefined || !user || (await ties.successorOf(oldNid)) !== move.newRoomId) return
      await finishUpgrade(actions, user, move)
    },
  })
}

function readMove(payload: JobPayload): RoomMove & { readonly userId: string } {
  if (typeof payload !== 'object' || payload === null || !('oldRoomId' in payload))
    throw new TypeError('no move')
  const { userId, oldRoomId, newRoomId } = payload
  return { userId: String(userId), oldRoomId: String(oldRoomId), newRoomId: String(newRoomId) }
}
