import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, ServerNid, StateKeyNid, TypeNid, UserNid } from '../numeric-ids.ts'
import type { Membership } from '../schema/membership.ts'

/** An event of a room's current state. */
export interface StatePlace {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
}

/** Which of these rooms a server has a user in, with how many users each has from anywhere. */
export async function joinedCountsWhereResident(
  queries: Queries,
  serverNid: ServerNid,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, number>> {
  if (roomNids.length === 0) return new Map()
  const { rows } = await sql<{ room_nid: RoomNid; joined: number }>`
    SELECT r.room_nid, (
        SELECT count(*) FROM membership
         WHERE room_nid = r.room_nid AND membership = 'join') AS joined
      FROM unnest(${roomNids}::bigint[]) AS r(room_nid)
     WHERE EXISTS (
        SELECT 1 FROM membership AS m JOIN matrix_user AS u ON u.user_nid = m.user_nid
         WHERE m.room_nid = r.room_nid AND m.membership = 'join' AND u.server_nid = ${serverNid})`.execute(
    queries,
  )
  return new Map(rows.map((row) => [row.room_nid, row.joined]))
}

/** The events of these types with one state key in the current state of rooms. */
export async function stateOfRooms(
  queries: Queries,
  roomNids: readonly RoomNid[],
  typeNids: readonly TypeNid[],
  stateKeyNid: StateKeyNid,
): Promise<StatePlace[]> {
  if (roomNids.length === 0) return []
  const rows = await queries
    .selectFrom('current_state')
    .select(['room_nid', 'event_nid'])
    .where('room_nid', '=', anyOf(roomNids))
    .where('type_nid', '=', anyOf(typeNids))
    .where('state_key_nid', '=', stateKeyNid)
    .execute()
  return rows.map((row) => ({ roomNid: row.room_nid, eventNid: row.event_nid }))
}

/** The events of one type in the current state of rooms, so many of each room at most. */
export async function stateOfTypeInRooms(
  queries: Queries,
  roomNids: readonly RoomNid[],
  typeNid: TypeNid,
  limit: number,
): Promise<StatePlace[]> {
  if (roomNids.length === 0) return []
  const { rows } = await sql<{ room_nid: RoomNid; event_nid: EventNid }>`
    SELECT r.room_nid, s.event_nid
      FROM unnest(${roomNids}::bigint[]) AS r(room_nid)
      CROSS JOIN LATERAL (
        SELECT event_nid FROM current_state
         WHERE room_nid = r.room_nid AND type_nid = ${typeNid} LIMIT ${limit}) AS s`.execute(queries)
  return rows.map((row) => ({ roomNid: row.room_nid, eventNid: row.event_nid }))
}

/** A user's membership of rooms; those that the user never had to do with are left out. */
export async function membershipsOf(
  queries: Queries,
  userNid: UserNid,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, Membership>> {
  if (roomNids.length === 0) return new Map()
  const rows = await queries
    .selectFrom('membership')
    .select(['room_nid', 'membership'])
    .where('user_nid', '=', userNid)
    .where('room_nid', '=', anyOf(roomNids))
    .execute()
  return new Map(rows.map((row) => [row.room_nid, row.membership]))
}

/** In which of these rooms a server has a user with one of these memberships. */
export async function roomsWithServer(
  queries: Queries,
  serverNid: ServerNid,
  roomNids: readonly RoomNid[],
  memberships: readonly Membership[],
): Promise<Set<RoomNid>> {
  if (roomNids.length === 0) return new Set()
  const { rows } = await sql<{ room_nid: RoomNid }>`
    SELECT r.room_nid FROM unnest(${roomNids}::bigint[]) AS r(room_nid)
     WHERE EXISTS (
        SELECT 1 FROM membership AS m JOIN matrix_user AS u ON u.user_nid = m.user_nid
         WHERE m.room_nid = r.room_nid AND m.membership = ANY(${memberships})
           AND u.server_nid = ${serverNid})`.execute(queries)
  return new Set(rows.map((row) => row.room_nid))
}
