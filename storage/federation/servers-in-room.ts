import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'

/** The servers with most joined members in a room, `limit` at most. */
export async function largestServersInRoom(
  queries: Queries,
  roomNid: RoomNid,
  limit: number,
): Promise<string[]> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .innerJoin('server', 'server.server_nid', 'matrix_user.server_nid')
    .select('server.server_name')
    .where('membership.room_nid', '=', roomNid)
    .where('membership.membership', '=', 'join')
    .where('membership.outside', '=', false)
    .groupBy('server.server_name')
    .orderBy(sql`count(*)`, 'desc')
    .orderBy('server.server_name')
    .limit(limit)
    .execute()
  return rows.map((row) => row.server_name)
}
