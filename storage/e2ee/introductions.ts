import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** The rooms of which a user was a member already when they came into another one. */
export async function roomsJoinedBefore(
  queries: Queries,
  userNid: UserNid,
  roomNid: RoomNid,
): Promise<RoomNid[]> {
  const rows = await queries
    .selectFrom('membership as older')
    .innerJoin('membership as this', 'this.user_nid', 'older.user_nid')
    .select('older.room_nid')
    .where('older.user_nid', '=', userNid)
    .where('older.membership', '=', 'join')
    .where('older.outside', '=', false)
    .where('this.room_nid', '=', roomNid)
    .whereRef('older.joined_pos', '<', 'this.joined_pos')
    .execute()
  return rows.map((row) => row.room_nid)
}
