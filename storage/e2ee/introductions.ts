import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { placeRows, type UserInRoom } from '../rooms/users-in-rooms.ts'

/** For each of some users, in their order, the rooms of which they were members when they came into the room named with them. */
export async function roomsJoinedBefore(
  queries: Queries,
  arrivals: readonly UserInRoom[],
): Promise<RoomNid[][]> {
  const { rows } = await sql<UserInRoom & { readonly olderNid: RoomNid }>`
    SELECT place.user_nid AS "userNid", place.room_nid AS "roomNid", older.room_nid AS "olderNid"
      FROM ${placeRows(arrivals)}
      JOIN membership AS this ON this.user_nid = place.user_nid AND this.room_nid = place.room_nid
      JOIN membership AS older ON older.user_nid = place.user_nid AND older.membership = 'join'
       AND NOT older.outside AND older.joined_pos < this.joined_pos`.execute(queries)
  const nameOf = ({ userNid, roomNid }: UserInRoom): string => `${userNid}/${roomNid}`
  const byArrival = Map.groupBy(rows, nameOf)
  return arrivals.map((arrival) => (byArrival.get(nameOf(arrival)) ?? []).map(({ olderNid }) => olderNid))
}
