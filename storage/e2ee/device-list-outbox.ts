import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, ServerNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import { CROSS_SIGNING } from './device-list-write.ts'

/** A change of a device of ours, as other servers are told it, or an introduction. */
export interface OutgoingChange {
  readonly position: StreamPosition
  readonly userNid: UserNid
  /** Empty for cross-signing keys. */
  readonly deviceId: string
  /** The position of the change of a device of the same user before it. */
  readonly previous: StreamPosition | null
  /** Where it is an introduction: the room in which the user has met servers. */
  readonly metIn: RoomNid | null
}

/** The first changes of a server's users after a position. */
export async function outgoingChanges(
  queries: Queries,
  ownServer: ServerNid,
  after: StreamPosition,
  limit: number,
): Promise<OutgoingChange[]> {
  const { rows } = await sql<OutgoingChange>`
    SELECT c.stream_pos AS "position", c.user_nid AS "userNid", c.device_id AS "deviceId",
           (SELECT max(p.stream_pos) FROM device_list_change AS p
             WHERE p.user_nid = c.user_nid AND p.stream_pos < c.stream_pos
               AND p.device_id <> ${CROSS_SIGNING}) AS "previous", c.room_nid AS "metIn"
      FROM device_list_change AS c JOIN matrix_user AS u USING (user_nid)
     WHERE c.stream_pos > ${after} AND u.server_nid = ${ownServer} AND c.viewer_nid IS NULL
     ORDER BY c.stream_pos LIMIT ${limit}`.execute(queries)
  return rows
}

/** Notes servers that have to be told of what comes after a position; those that are noted already stay as they are. */
export async function addDestinations(
  queries: Queries,
  destinations: ReadonlyMap<ServerNid, StreamPosition>,
): Promise<void> {
  if (destinations.size === 0) return
  await sql`
    INSERT INTO device_list_destination (server_nid, after_pos)
    SELECT * FROM unnest(${[...destinations.keys()]}::bigint[], ${[...destinations.values()]}::bigint[])
    ON CONFLICT (server_nid) DO NOTHING`.execute(queries)
}

/** After which position a server has to be told; undefined when it has been told everything. */
export async function destinationPosition(
  queries: Queries,
  serverNid: ServerNid,
): Promise<StreamPosition | undefined> {
  const row = await queries
    .selectFrom('device_list_destination')
    .select('after_pos')
    .where('server_nid', '=', serverNid)
    .executeTakeFirst()
  return row?.after_pos
}

/** A server has been told everything up to a position; it is forgotten when nothing came after. */
export async function advanceDestination(
  queries: Queries,
  serverNid: ServerNid,
  upTo: StreamPosition,
): Promise<void> {
  await sql`
    WITH done AS (
      DELETE FROM device_list_destination WHERE server_nid = ${serverNid}
         AND NOT EXISTS (SELECT FROM device_list_change WHERE stream_pos > ${upTo}))
    UPDATE device_list_destination SET after_pos = ${upTo}
     WHERE server_nid = ${serverNid} AND after_pos < ${upTo}
       AND EXISTS (SELECT FROM device_list_change WHERE stream_pos > ${upTo})`.execute(queries)
}

/** The servers that have something to be told. */
export async function destinationsWaiting(queries: Queries): Promise<ServerNid[]> {
  const rows = await queries.selectFrom('device_list_destination').select('server_nid').execute()
  return rows.map((row) => row.server_nid)
}

/** The rooms that each of some users is joined to. */
export async function joinedRoomsByUser(
  queries: Queries,
  userNids: readonly UserNid[],
): Promise<Map<UserNid, RoomNid[]>> {
  const rooms = new Map<UserNid, RoomNid[]>()
  if (userNids.length === 0) return rooms
  const rows = await queries
    .selectFrom('membership')
    .select(['user_nid', 'room_nid'])
    .where('user_nid', '=', anyOf(userNids))
    .where('membership', '=', 'join')
    .where('outside', '=', false)
    .execute()
  for (const row of rows) rooms.set(row.user_nid, [...(rooms.get(row.user_nid) ?? []), row.room_nid])
  return rooms
}

/** Those of some users' devices that exist, by user, with their names as JSON texts; null for none. */
export async function deviceNames(
  queries: Queries,
  userNids: readonly UserNid[],
): Promise<Map<UserNid, Map<string, string | null>>> {
  const names = new Map<UserNid, Map<string, string | null>>()
  if (userNids.length === 0) return names
  const rows = await queries
    .selectFrom('device')
    .select(['user_nid', 'device_id', 'display_name'])
    .where('user_nid', '=', anyOf(userNids))
    .execute()
  for (const row of rows) {
    const ofUser = names.get(row.user_nid) ?? new Map<string, string | null>()
    names.set(row.user_nid, ofUser.set(row.device_id, row.display_name))
  }
  return names
}
