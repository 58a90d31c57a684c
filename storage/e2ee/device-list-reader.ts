import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, ServerNid, TypeNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { RoomStretch } from '../sync/state-places-reader.ts'
import { CROSS_SIGNING } from './device-list-write.ts'

/** Users of any server whose devices or cross-signing keys changed, as `viewer` sees them, in a stretch of the stream. */
export async function usersWithChanges(
  queries: Queries,
  viewer: UserNid,
  after: StreamPosition,
  upTo: StreamPosition,
): Promise<UserNid[]> {
  const rows = await queries
    .selectFrom('device_list_change')
    .select('user_nid')
    .distinct()
    .where('stream_pos', '>', after)
    .where('stream_pos', '<=', upTo)
    .where('room_nid', 'is', null)
    .where((row) => row.or([row('viewer_nid', 'is', null), row('viewer_nid', '=', viewer)]))
    .execute()
  return rows.map((row) => row.user_nid)
}

/** A user whose membership changed. */
export interface MovedUser {
  readonly userNid: UserNid
  /** False for who was first heard of. */
  readonly mayHaveLeft: boolean
}

/** Users whose member events changed in stretches of rooms. */
export async function movedUsers(
  queries: Queries,
  memberType: TypeNid,
  stretches: readonly RoomStretch[],
): Promise<MovedUser[]> {
  if (stretches.length === 0) return []
  // State keys of other types may hold what PostgreSQL takes for no text; they are out before the conversion.
  const { rows } = await sql<MovedUser>`
    WITH moved AS MATERIALIZED (
      SELECT d.state_key_nid, bool_or(
               d.prev_event_nid IS NOT NULL AND d.prev_event_nid IS DISTINCT FROM d.event_nid) AS may_have_left
        FROM current_state_delta AS d JOIN unnest(${stretches.map(({ roomNid }) => roomNid)}::bigint[],
          ${stretches.map(({ after }) => after)}::bigint[], ${stretches.map(({ upTo }) => upTo)}::bigint[]
        ) AS s(room_nid, after, up_to)
          ON d.room_nid = s.room_nid AND d.stream_pos > s.after AND d.stream_pos <= s.up_to
       WHERE d.type_nid = ${memberType}
       GROUP BY d.state_key_nid),
    named AS MATERIALIZED (
      SELECT k.state_key, moved.may_have_left FROM moved JOIN state_key AS k USING (state_key_nid))
    SELECT u.user_nid AS "userNid", named.may_have_left AS "mayHaveLeft"
      FROM named JOIN matrix_user AS u ON u.user_id = convert_from(named.state_key, 'UTF8')`.execute(queries)
  return rows
}

/** Everybody who is joined to any of some rooms. */
export async function usersJoinedTo(queries: Queries, roomNids: readonly RoomNid[]): Promise<UserNid[]> {
  if (roomNids.length === 0) return []
  const rows = await queries
    .selectFrom('membership')
    .select('user_nid')
    .distinct()
    .where('room_nid', '=', anyOf(roomNids))
    .where('membership', '=', 'join')
    .execute()
  return rows.map((row) => row.user_nid)
}

/** Those of some users who are joined to any of some rooms, each with the beginning of the newest of these stays. */
export async function newestStays(
  queries: Queries,
  userNids: readonly UserNid[],
  roomNids: readonly RoomNid[],
): Promise<Map<UserNid, StreamPosition | undefined>> {
  if (userNids.length === 0 || roomNids.length === 0) return new Map()
  const rows = await queries
    .selectFrom('membership')
    .select(({ fn }) => ['user_nid', fn.max('joined_pos').as('newest')])
    .where('user_nid', '=', anyOf(userNids))
    .where('room_nid', '=', anyOf(roomNids))
    .where('membership', '=', 'join')
    .groupBy('user_nid')
    .execute()
  return new Map(rows.map((row) => [row.user_nid, row.newest ?? undefined]))
}

/** The rooms that any of some users is joined to. */
export async function roomsJoinedBy(queries: Queries, userNids: readonly UserNid[]): Promise<RoomNid[]> {
  if (userNids.length === 0) return []
  const rows = await queries
    .selectFrom('membership')
    .select('room_nid')
    .distinct()
    .where('user_nid', '=', anyOf(userNids))
    .where('membership', '=', 'join')
    .where('outside', '=', false)
    .execute()
  return rows.map((row) => row.room_nid)
}

/**
 * The number of the last change of a user's devices, as other servers are told it (`stream_id`); 0 before the first.
 * Cross-signing keys do not count: their messages to other servers have no number.
 */
export async function deviceListStreamId(queries: Queries, userNid: UserNid): Promise<number> {
  const row = await queries
    .selectFrom('device_list_change')
    .select(({ fn }) => fn.max('stream_pos').as('last'))
    .where('user_nid', '=', userNid)
    .where('device_id', '<>', CROSS_SIGNING)
    .executeTakeFirst()
  return row?.last ?? 0
}

/** The members of a room who are of other servers and whose devices or cross-signing keys changed after a position. */
export async function membersWithChanges(
  queries: Queries,
  ownServer: ServerNid,
  roomNid: RoomNid,
  after: StreamPosition,
): Promise<UserNid[]> {
  const rows = await queries
    .selectFrom('device_list_change')
    .innerJoin('membership', 'membership.user_nid', 'device_list_change.user_nid')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'device_list_change.user_nid')
    .select('device_list_change.user_nid')
    .distinct()
    .where('device_list_change.stream_pos', '>', after)
    .where('device_list_change.viewer_nid', 'is', null)
    .where('matrix_user.server_nid', '<>', ownServer)
    .where('membership.room_nid', '=', roomNid)
    .where('membership.membership', '=', 'join')
    .execute()
  return rows.map((row) => row.user_nid)
}
