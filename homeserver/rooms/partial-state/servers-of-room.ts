import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { serversInRoom } from '../../../storage/rooms/membership-reader.ts'
import type { RoomServices } from '../room-services.ts'

/**
 * Names of servers in a room, `limit` at most, those with most users first; while not all members are known, before
 * them those that were told with the join.
 */
export async function serversOfRoom(
  { queries, partial }: Pick<RoomServices, 'queries' | 'partial'>,
  roomNid: RoomNid,
  limit: number,
): Promise<string[]> {
  const told = [...(partial.serversOf(roomNid) ?? [])].slice(0, limit)
  const known = await serversInRoom(queries, roomNid, limit)
  return told.length === 0 ? known : [...new Set([...told, ...known])].slice(0, limit)
}
