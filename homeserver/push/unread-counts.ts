import type { Queries } from '../../storage/database.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { FULL_HEARING } from '../../storage/push/event-reach.ts'
import { unreadThreads } from '../../storage/sync/unread-reader.ts'
import type { PushAudience } from './push-audience.ts'
import type { UnreadRoom, UnreadTally } from './unread-tally.ts'

/** What reading counts stands on. */
export interface CountServices {
  readonly queries: Queries
  readonly audience: PushAudience
}

/**
 * What a user has not read of rooms, threads apart: from memory, and of rooms that are not at hand by one query.
 *
 * @param rooms room ids by number.
 */
export async function unreadCounts(
  { queries, audience }: CountServices,
  tally: UnreadTally,
  rooms: ReadonlyMap<RoomNid, string>,
): Promise<ReadonlyMap<RoomNid, UnreadRoom>> {
  const found = new Map<RoomNid, UnreadRoom>()
  const unknown = new Map<RoomNid, string>()
  for (const [roomNid, roomId] of rooms) {
    const known = tally.of(roomNid)
    if (known) found.set(roomNid, known)
    else unknown.set(roomNid, roomId)
  }
  if (unknown.size === 0) return found
  const loaded = await tally.load([...unknown.keys()], async () => {
    const hearings = await audience.hearings(tally.userNid, [...unknown.values()])
    const heard = Array.from(unknown, ([roomNid, roomId]) => ({
      roomNid,
      ...(hearings.get(roomId) ?? FULL_HEARING),
    }))
    return { heard, unread: await unreadThreads(queries, tally.userNid, heard) }
  })
  for (const [roomNid, room] of loaded) found.set(roomNid, room)
  return found
}
