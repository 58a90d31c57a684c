import type { Selectable } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, ServerNid, UserNid } from '../numeric-ids.ts'
import type { Membership, MembershipTable } from '../schema/membership.ts'

/** One user's relation to one room, as it is stored. */
export type MembershipRow = Selectable<MembershipTable>

/** A user's relation to a room; undefined for somebody who never had one. */
export function findMembership(
  queries: Queries,
  userNid: UserNid,
  roomNid: RoomNid,
): Promise<MembershipRow | undefined> {
  return queries
    .selectFrom('membership')
    .selectAll()
    .where('user_nid', '=', userNid)
    .where('room_nid', '=', roomNid)
    .executeTakeFirst()
}

/** The rooms in which a user has one of these memberships. */
export async function roomsOfUser(
  queries: Queries,
  userNid: UserNid,
  memberships: readonly Membership[],
): Promise<RoomNid[]> {
  const rows = await queries
    .selectFrom('membership')
    .select('room_nid')
    .where('user_nid', '=', userNid)
    .where('membership', '=', anyOf(memberships))
    .where('forgotten', '=', false)
    .orderBy('room_nid')
    .execute()
  return rows.map((row) => row.room_nid)
}

/** Which of these rooms a user is joined to. */
export async function joinedAmong(
  queries: Queries,
  userNid: UserNid,
  roomNids: readonly RoomNid[],
): Promise<RoomNid[]> {
  const rows = await queries
    .selectFrom('membership')
    .select('room_nid')
    .where('user_nid', '=', userNid)
    .where('room_nid', '=', anyOf(roomNids))
    .where('membership', '=', 'join')
    .execute()
  return rows.map((row) => row.room_nid)
}

/** Whether any user of a server is joined to a room. */
export async function isServerJoined(
  queries: Queries,
  roomNid: RoomNid,
  serverNid: ServerNid,
): Promise<boolean> {
  return (await joinedUsersOfServer(queries, roomNid, serverNid, 1)).length > 0
}

/** Users of a server who are joined to a room, `limit` at most. */
export async function joinedUsersOfServer(
  queries: Queries,
  roomNid: RoomNid,
  serverNid: ServerNid,
  limit: number,
): Promise<UserNid[]> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .select('membership.user_nid')
    .where('membership.room_nid', '=', roomNid)
    .where('membership.membership', '=', 'join')
    .where('matrix_user.server_nid', '=', serverNid)
    .limit(limit)
    .execute()
  return rows.map((row) => row.user_nid)
}

/** Names of the servers with a user joined to a room, those with most users first, `limit` at most. */
export async function serversInRoom(queries: Queries, roomNid: RoomNid, limit: number): Promise<string[]> {
  const rows = await queries
    .selectFrom('membership')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'membership.user_nid')
    .innerJoin('server', 'server.server_nid', 'matrix_user.server_nid')
    .select('server.server_name')
    .where('membership.room_nid', '=', roomNid)
    .where('membership.membership', '=', 'join')
    .where('membership.outside', '=', false)
    .groupBy('server.server_name')
    .orderBy(({ fn }) => fn.countAll(), 'desc')
    .orderBy('server.server_name')
    .limit(limit)
    .execute()
  return rows.map((row) => row.server_name)
}

/** The membership events of a room's current state. */
export async function memberEventsOf(
  queries: Queries,
  roomNid: RoomNid,
  memberships?: readonly Membership[],
): Promise<EventNid[]> {
  const rows = await queries
    .selectFrom('membership')
    .select('event_nid')
    .where('room_nid', '=', roomNid)
    .where('event_nid', 'is not', null)
    .$if(memberships !== undefined, (query) => query.where('membership', '=', anyOf(memberships!)))
    .orderBy('event_nid')
    .execute()
  return rows.map((row) => row.event_nid!)
}

/** Hides a room that a user has left from then on, until they come back. False when they have not left it. */
export async function forgetRoom(queries: Queries, userNid: UserNid, roomNid: RoomNid): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('membership')
    .set({ forgotten: true })
    .where('user_nid', '=', userNid)
    .where('room_nid', '=', roomNid)
    .where('membership', '=', anyOf<Membership>(['leave', 'ban']))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
