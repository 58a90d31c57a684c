import type { Queries } from '../database.ts'
import type { RoomNid, ServerNid } from '../numeric-ids.ts'

/** Ids of a server's users with any membership in a room, `limit` at most. */
export async function usersOfServer(
  queries: Queries,
  roomNid: RoomNid,
  serverNid: ServerNid,
  limit: number,
): Promise<string[]> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .select('matrix_user.user_id')
    .where('membership.room_nid', '=', roomNid)
    .where('matrix_user.server_nid', '=', serverNid)
    .limit(limit)
    .execute()
  return rows.map((row) => row.user_id)
}
