import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { Membership } from '../schema/membership.ts'

/** A user's relation to one room. */
export interface UserRoom {
  readonly roomNid: RoomNid
  readonly membership: Membership
  /** The membership event; undefined in rooms that this server is not in. */
  readonly eventNid: EventNid | undefined
  /** When the relation last changed. */
  readonly since: StreamPosition
  /** The beginning of an unbroken stay; undefined for who is not joined. */
  readonly joinedAt: StreamPosition | undefined
  /** Whether this server has no part in the room. */
  readonly outside: boolean
}

/** Every room that a user has ever had to do with. */
export async function userRooms(queries: Queries, userNid: UserNid): Promise<UserRoom[]> {
  const rows = await queries
    .selectFrom('membership')
    .select(['room_nid', 'membership', 'event_nid', 'stream_pos', 'joined_pos', 'outside'])
    .where('user_nid', '=', userNid)
    .execute()
  return rows.map((row) => ({
    roomNid: row.room_nid,
    membership: row.membership,
    eventNid: row.event_nid ?? undefined,
    since: row.stream_pos,
    joinedAt: row.joined_pos ?? undefined,
    outside: row.outside,
  }))
}

/** The rooms that a user does not want to see any more. */
export async function forgottenRooms(queries: Queries, userNid: UserNid): Promise<Set<RoomNid>> {
  const rows = await queries
    .selectFrom('membership')
    .select('room_nid')
    .where('user_nid', '=', userNid)
    .where('forgotten', '=', true)
    .execute()
  return new Set(rows.map((row) => row.room_nid))
}

/** What is known of rooms that this server is not in: JSON texts. */
export interface OutsideRoom {
  readonly eventPdu: string | undefined
  readonly strippedState: string | undefined
}

/** What came with a user's invites and knocks of rooms that this server is not in. */
export async function outsideRooms(
  queries: Queries,
  userNid: UserNid,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, OutsideRoom>> {
  if (roomNids.length === 0) return new Map()
  const rows = await queries
    .selectFrom('membership')
    .select(['room_nid', 'event_pdu', 'stripped_state'])
    .where('user_nid', '=', userNid)
    .where('outside', '=', true)
    .where('room_nid', 'in', roomNids)
    .execute()
  return new Map(
    rows.map((row) => [
      row.room_nid,
      { eventPdu: row.event_pdu?.toString('utf8'), strippedState: row.stripped_state?.toString('utf8') },
    ]),
  )
}
