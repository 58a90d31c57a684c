import type { Queries } from '../database.ts'
import type { RoomNid, ServerNid } from '../numeric-ids.ts'

/** Whether a server has a joined user in a room. */
export async function isServerJoined(
  queries: Queries,
  roomNid: RoomNid,
  serverNid: ServerNid,
): Promise<boolean> {
  const row = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .select('membership.user_nid')
    .where('membership.room_nid', '=', roomNid)
    .where('membership.membership', '=', 'join')
    .where('membership.outside', '=', false)
    .where('matrix_user.server_nid', '=', serverNid)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Ids of a server's users with any membership in a room. */
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

/** Ids of a server's joined users in a room. */
export async function joinedUsersOfServer(
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
    .where('membership.membership', '=', 'join')
    .where('membership.outside', '=', false)
    .where('matrix_user.server_nid', '=', serverNid)
    .limit(limit)
    .execute()
  return rows.map((row) => row.user_id)
}

/** Names of the servers with joined users in a room. */
export async function joinedServers(queries: Queries, roomNid: RoomNid): Promise<string[]> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .innerJoin('server', 'server.server_nid', 'matrix_user.server_nid')
    .select('server.server_name')
    .distinct()
    .where('membership.room_nid', '=', roomNid)
    .where('membership.membership', '=', 'join')
    .where('membership.outside', '=', false)
    .execute()
  return rows.map((row) => row.server_name)
}
