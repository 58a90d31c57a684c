import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** This server's guests who are joined to a room, `limit` at most. */
export async function joinedGuests(queries: Queries, roomNid: RoomNid, limit: number): Promise<UserNid[]> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('account', 'account.user_nid', 'membership.user_nid')
    .select('membership.user_nid')
    .where('membership.room_nid', '=', roomNid)
    .where('membership.membership', '=', 'join')
    .where('account.guest', '=', true)
    .limit(limit)
    .execute()
  return rows.map((row) => row.user_nid)
}
