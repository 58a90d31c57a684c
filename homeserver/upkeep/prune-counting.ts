import type { Queries } from '../../storage/database.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { deleteReadReach, roomsAfter } from '../../storage/push/prune-reach.ts'

/** What has been read stays in the list of notifications for this long; deployed servers keep a month too. */
export const NOTIFICATIONS_KEPT_MS = 30 * 24 * 3_600_000

/** Rooms of one statement: their members' read positions are read, some tens of thousands at most. */
const ROOMS_A_STATEMENT = 100

/**
 * Deletes what unread counts and notifications were made of once everybody has read it.
 *
 * @param now milliseconds since the epoch.
 * @returns how many rows were deleted.
 */
export async function pruneCounting(queries: Queries, now: number, signal: AbortSignal): Promise<number> {
  let total = 0
  for (let last = 0 as RoomNid; ;) {
    signal.throwIfAborted()
    const rooms = await roomsAfter(queries, last, ROOMS_A_STATEMENT)
    if (rooms.length === 0) return total
    total += await deleteReadReach(queries, rooms, now - NOTIFICATIONS_KEPT_MS)
    last = rooms.at(-1)!
  }
}
