import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, TypeNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { RoomStretch } from '../sync/state-places-reader.ts'

/** A change of a member event, and what stood there before. */
export interface MemberChange {
  readonly roomNid: RoomNid
  readonly userNid: UserNid
  readonly position: StreamPosition
  readonly previousNid: EventNid
}

/** A place in a room's stream. */
export interface RoomMoment {
  readonly roomNid: RoomNid
  readonly at: StreamPosition
}

/** Member changes of one room that are looked at beyond a departure: who left later than so many others is left out. */
const MAX_LATER_CHANGES = 10_000

/** Changes of one user's own member events in stretches of rooms, in the order of the stream. */
export async function ownMemberChanges(
  queries: Queries,
  memberType: TypeNid,
  userNid: UserNid,
  stretches: readonly RoomStretch[],
): Promise<MemberChange[]> {
  if (stretches.length === 0) return []
  const { rows } = await sql<MemberChange>`
    SELECT d.room_nid AS "roomNid", u.user_nid AS "userNid", d.stream_pos AS "position", d.prev_event_nid AS "previousNid"
      FROM matrix_user AS u JOIN state_key AS k ON k.state_key = convert_to(u.user_id, 'UTF8')
      JOIN current_state_delta AS d ON d.state_key_nid = k.state_key_nid
      JOIN unnest(${stretches.map(({ roomNid }) => roomNid)}::bigint[],
        ${stretches.map(({ after }) => after)}::bigint[], ${stretches.map(({ upTo }) => upTo)}::bigint[]
      ) AS s(room_nid, after, up_to)
        ON d.room_nid = s.room_nid AND d.stream_pos > s.after AND d.stream_pos <= s.up_to
     WHERE u.user_nid = ${userNid} AND d.type_nid = ${memberType} AND d.prev_event_nid IS NOT NULL
     ORDER BY d.stream_pos`.execute(queries)
  return rows
}

/** Who is joined to some rooms and already was at some moment. */
export async function joinedSince(queries: Queries, moments: readonly RoomMoment[]): Promise<UserNid[]> {
  if (moments.length === 0) return []
  const { rows } = await sql<{ userNid: UserNid }>`
    SELECT DISTINCT m.user_nid AS "userNid" FROM ${momentRows(moments)} JOIN membership AS m
        ON m.room_nid = moment.room_nid AND m.membership = 'join' AND (m.joined_pos IS NULL OR m.joined_pos <= moment.at)`.execute(
    queries,
  )
  return rows.map(({ userNid }) => userNid)
}

/** The first change of each member event of some rooms after some moment, of those that there were then. */
export async function firstMemberChangesAfter(
  queries: Queries,
  memberType: TypeNid,
  moments: readonly RoomMoment[],
): Promise<MemberChange[]> {
  if (moments.length === 0) return []
  // State keys of other types may hold what PostgreSQL takes for no text; they are out before the conversion.
  const { rows } = await sql<MemberChange>`
    WITH first AS MATERIALIZED (
      SELECT later.* FROM ${momentRows(moments)} CROSS JOIN LATERAL (
        SELECT DISTINCT ON (d.state_key_nid) d.room_nid, d.state_key_nid, d.stream_pos, d.prev_event_nid
          FROM (SELECT * FROM current_state_delta AS delta
                 WHERE delta.room_nid = moment.room_nid AND delta.stream_pos > moment.at
                   AND delta.type_nid = ${memberType}
                 ORDER BY delta.stream_pos LIMIT ${MAX_LATER_CHANGES}) AS d
         ORDER BY d.state_key_nid, d.stream_pos) AS later),
    named AS MATERIALIZED (
      SELECT first.*, k.state_key FROM first JOIN state_key AS k USING (state_key_nid)
       WHERE prev_event_nid IS NOT NULL)
    SELECT named.room_nid AS "roomNid", u.user_nid AS "userNid", named.stream_pos AS "position",
           named.prev_event_nid AS "previousNid"
      FROM named JOIN matrix_user AS u ON u.user_id = convert_from(named.state_key, 'UTF8')`.execute(queries)
  return rows
}

function momentRows(moments: readonly RoomMoment[]) {
  return sql`unnest(${moments.map(({ roomNid }) => roomNid)}::bigint[], ${moments.map(({ at }) => at)}::bigint[])
    AS moment(room_nid, at)`
}
