import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** Up to where a user has read a room. */
export interface ReadMark {
  readonly historyPos: number
  readonly unreadOrdinal: number
}

/** Up to where a user has read each room, threads apart. */
export async function readMarks(queries: Queries, userNid: UserNid): Promise<Map<RoomNid, ReadMark>> {
  const rows = await queries
    .selectFrom('read_position')
    .select(['room_nid', 'history_pos', 'unread_ordinal'])
    .where('user_nid', '=', userNid)
    .where('thread', '=', '')
    .execute()
  return new Map(
    rows.map((row) => [row.room_nid, { historyPos: row.history_pos, unreadOrdinal: row.unread_ordinal }]),
  )
}

/** What stands out for a user and has not been read: places in the history of each room. */
export async function unreadHighlights(queries: Queries, userNid: UserNid): Promise<Map<RoomNid, number[]>> {
  const { rows } = await sql<{ room_nid: RoomNid; history_pos: number }>`
    SELECT highlight.room_nid, highlight.history_pos FROM highlight
      LEFT JOIN read_position ON read_position.user_nid = highlight.user_nid
        AND read_position.room_nid = highlight.room_nid AND read_position.thread = ''
     WHERE highlight.user_nid = ${userNid} AND highlight.history_pos > coalesce(read_position.history_pos, 0)
    UNION
    SELECT room_highlight.room_nid, room_highlight.history_pos FROM room_highlight
      JOIN read_position ON read_position.room_nid = room_highlight.room_nid
     WHERE read_position.user_nid = ${userNid} AND read_position.thread = ''
       AND room_highlight.history_pos > read_position.history_pos`.execute(queries)
  const places = new Map<RoomNid, number[]>()
  for (const row of rows) places.set(row.room_nid, [...(places.get(row.room_nid) ?? []), row.history_pos])
  return places
}

/** Countable events of each room so far. */
export async function headOrdinals(
  queries: Queries,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, number>> {
  const { rows } = await sql<{ room_nid: RoomNid; unread_ordinal: number }>`
    SELECT r.room_nid, e.unread_ordinal FROM unnest(${roomNids}::bigint[]) AS r(room_nid)
      CROSS JOIN LATERAL (
        SELECT unread_ordinal FROM event WHERE event.room_nid = r.room_nid AND history_pos IS NOT NULL
         ORDER BY history_pos DESC LIMIT 1
      ) AS e`.execute(queries)
  return new Map(rows.map((row) => [row.room_nid, row.unread_ordinal]))
}
