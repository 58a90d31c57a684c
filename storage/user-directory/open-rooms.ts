import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** Those of some rooms that are known to be open. */
export async function openRoomsAmong(queries: Queries, roomNids: readonly RoomNid[]): Promise<Set<RoomNid>> {
  if (roomNids.length === 0) return new Set()
  const rows = await queries
    .selectFrom('open_room')
    .select('room_nid')
    .where('room_nid', '=', anyOf(roomNids))
    .execute()
  return new Set(rows.map((row) => row.room_nid))
}

/** Notes rooms that have been opened, and such as are open no more. */
export async function changeOpenRooms(
  queries: Queries,
  opened: readonly RoomNid[],
  closed: readonly RoomNid[],
): Promise<void> {
  if (opened.length > 0) {
    await sql`INSERT INTO open_room SELECT unnest(${opened}::bigint[]) ON CONFLICT DO NOTHING`.execute(
      queries,
    )
  }
  if (closed.length > 0) await queries.deleteFrom('open_room').where('room_nid', '=', anyOf(closed)).execute()
}

/** Users who are joined to a room, in the order of their numbers. */
export async function joinedUsers(
  queries: Queries,
  roomNid: RoomNid,
  after: UserNid | undefined,
  limit: number,
): Promise<UserNid[]> {
  const rows = await queries
    .selectFrom('membership')
    .select('user_nid')
    .where('room_nid', '=', roomNid)
    .where('membership', '=', 'join')
    .where('user_nid', '>', after ?? (0 as UserNid))
    .orderBy('user_nid')
    .limit(limit)
    .execute()
  return rows.map((row) => row.user_nid)
}
