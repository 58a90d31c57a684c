import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, ServerNid, TypeNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Whether one of our users is in a room at a place of the stream; undefined where only history knows. */
export interface LocalMember {
  readonly roomNid: RoomNid
  readonly userId: string
  readonly wasJoined: boolean | undefined
}

/**
 * Our users who are in some rooms, or may have been at a place of the stream: those whose memberships have changed
 * since are in doubt.
 */
export async function localMembers(
  queries: Queries,
  ownServer: ServerNid,
  roomNids: readonly RoomNid[],
  place: StreamPosition,
): Promise<LocalMember[]> {
  if (roomNids.length === 0) return []
  const { rows } = await sql<LocalMember>`
    SELECT m.room_nid AS "roomNid", u.user_id AS "userId",
           CASE WHEN m.membership = 'join' AND coalesce(m.joined_pos, 0) <= ${place} THEN true END AS "wasJoined"
      FROM membership AS m JOIN matrix_user AS u USING (user_nid)
     WHERE m.room_nid = ANY(${roomNids}::bigint[]) AND u.server_nid = ${ownServer} AND NOT m.outside
       AND (m.membership = 'join' OR m.stream_pos > ${place})`.execute(queries)
  return rows.map((row) => ({ ...row, wasJoined: row.wasJoined ?? undefined }))
}

/** What the member events of some rooms' users were at a place of the stream, where they have changed since. */
export async function replacedMembers(
  queries: Queries,
  memberType: TypeNid,
  roomNids: readonly RoomNid[],
  place: StreamPosition,
): Promise<{ roomNid: RoomNid; eventNid: EventNid }[]> {
  if (roomNids.length === 0) return []
  const rows = await queries
    .selectFrom('current_state_delta')
    .select(['room_nid', 'prev_event_nid'])
    .distinctOn(['room_nid', 'state_key_nid'])
    .where('room_nid', '=', anyOf(roomNids))
    .where('type_nid', '=', memberType)
    .where('stream_pos', '>', place)
    .orderBy('room_nid')
    .orderBy('state_key_nid')
    .orderBy('stream_pos')
    .execute()
  return rows.flatMap(({ room_nid, prev_event_nid }) =>
    prev_event_nid === null ? [] : [{ roomNid: room_nid, eventNid: prev_event_nid }],
  )
}

/** The aliases of some rooms on this server. */
export async function aliasesOfRooms(
  queries: Queries,
  roomNids: readonly RoomNid[],
): Promise<{ roomNid: RoomNid; alias: string }[]> {
  if (roomNids.length === 0) return []
  return queries
    .selectFrom('room_alias')
    .select(['room_nid as roomNid', 'alias'])
    .where('room_nid', '=', anyOf(roomNids))
    .execute()
}
