import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'
import { STREAM_START, type StreamPosition } from '../position/position.ts'

/** The servers with joined users in a room, and since when without a gap of any of these users. */
export async function joinedServersSince(
  queries: Queries,
  roomNid: RoomNid,
): Promise<{ readonly serverName: string; readonly since: StreamPosition }[]> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .innerJoin('server', 'server.server_nid', 'matrix_user.server_nid')
    .select((row) => [
      'server.server_name',
      row.fn.min(row.fn.coalesce('membership.joined_pos', row.val(STREAM_START))).as('since'),
    ])
    .where('membership.room_nid', '=', roomNid)
    .where('membership.membership', '=', 'join')
    .where('membership.outside', '=', false)
    .groupBy('server.server_name')
    .execute()
  return rows.map((row) => ({ serverName: row.server_name, since: row.since }))
}

/** The names of the servers with anybody joined to each of some rooms. */
export async function serversByRoom(
  queries: Queries,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, Set<string>>> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .innerJoin('server', 'server.server_nid', 'matrix_user.server_nid')
    .select(['membership.room_nid', 'server.server_name'])
    .distinct()
    .where('membership.room_nid', '=', anyOf(roomNids))
    .where('membership.membership', '=', 'join')
    .where('membership.outside', '=', false)
    .execute()
  const servers = new Map<RoomNid, Set<string>>()
  for (const row of rows) {
    const ofRoom = servers.get(row.room_nid) ?? new Set()
    servers.set(row.room_nid, ofRoom.add(row.server_name))
  }
  return servers
}

/** The users of all servers who are joined to some rooms and already were at `position`. */
export async function joinedUsersByServer(
  queries: Queries,
  roomNids: readonly RoomNid[],
  position: StreamPosition,
): Promise<{ roomNid: RoomNid; userNid: UserNid; serverName: string }[]> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .innerJoin('server', 'server.server_nid', 'matrix_user.server_nid')
    .select(['membership.room_nid', 'membership.user_nid', 'server.server_name'])
    .where('membership.room_nid', '=', anyOf(roomNids))
    .where('membership.membership', '=', 'join')
    .where('membership.outside', '=', false)
    .where((row) =>
      row.or([row('membership.joined_pos', 'is', null), row('membership.joined_pos', '<=', position)]),
    )
    .execute()
  return rows.map((row) => ({
    roomNid: row.room_nid,
    userNid: row.user_nid,
    serverName: row.server_name,
  }))
}
