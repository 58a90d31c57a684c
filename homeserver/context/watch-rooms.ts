import type { Logger } from 'pino'
import type { PublishedRooms } from '../directory/public-rooms/published-rooms.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { copiesSettings } from '../rooms/actions/upgrade-room/copy-settings.ts'
import { registerUpgradeEnds } from '../rooms/actions/upgrade-room/finish-upgrade.ts'
import type { RoomMovedListener } from '../rooms/actions/upgrade-room/room-moved.ts'
import { startConsequences } from '../rooms/consequences/consequences.ts'
import type { CameIn } from '../rooms/consequences/follow-changes.ts'

/** Who is told, and what does the work. */
export interface RoomWatchers {
  readonly published: PublishedRooms
  /** Told of users of ours who have come into a room; maybe more than once. */
  readonly introduce: CameIn
  readonly jobs: JobRunner
  readonly log: Logger
  readonly closing: AsyncDisposableStack
}

/**
 * Has what belongs to rooms beside their events follow them: settings and the place in the directory into rooms that
 * replace others, guests out of rooms that take none any more, and rooms that were left out of sight; and has servers
 * that users meet told of their devices. Before the start of the jobs.
 */
export async function watchRooms(
  rooms: RoomActions,
  { published, introduce, jobs, log, closing }: RoomWatchers,
): Promise<void> {
  rooms.moved.push(copiesSettings(rooms.services), movesListing(rooms, published))
  registerUpgradeEnds(jobs, rooms)
  const follower = await startConsequences(rooms, jobs, introduce, (error) =>
    log.warn({ err: error }, 'what changes of rooms entail fell behind'),
  )
  closing.defer(() => follower.stop())
}

function movesListing({ services }: RoomActions, published: PublishedRooms): RoomMovedListener {
  return {
    roomMoved: async ({ oldRoomId, newRoomId }) => {
      const rooms = await services.interner.findRooms([oldRoomId, newRoomId])
      const [from, to] = [rooms.get(oldRoomId), rooms.get(newRoomId)]
      if (from === undefined || to === undefined || !published.isPublished(from)) return
      await published.publish(to)
      await published.unpublish(from)
    },
  }
}
