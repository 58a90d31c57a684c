import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { Hearing } from '../push/event-reach.ts'
import { ALL_THREADS, MAIN_THREAD } from '../rooms/threads.ts'

/** A room whose unread messages are asked for, with what of it reaches the user. */
export interface HeardRoom extends Hearing {
  readonly roomNid: RoomNid
}

/** What is unread in a thread of a room. */
export interface UnreadThread {
  readonly roomNid: RoomNid
  /** The root's event id, or `main`. */
  readonly thread: string
  readonly notifications: number
  readonly highlights: number
  /** Place of the room's newest event when this was so. */
  readonly asOf: number
}

/**
 * What a user has not read of each thread of rooms, in one query: the main timeline by its ordinals, threads by their
 * messages after the user's place, and what is otherwise for this user. Every room has at least its main timeline.
 */
export async function unreadThreads(
  queries: Queries,
  userNid: UserNid,
  rooms: readonly HeardRoom[],
): Promise<UnreadThread[]> {
  if (rooms.length === 0) return []
  const { rows } = await sql<UnreadThread>`
    WITH heard AS (
      SELECT r.room_nid, r.messages, r.room_mentions, head.history_pos AS as_of, head.unread_ordinal AS ordinal,
             everything.history_pos AS read_all, main.history_pos AS read_main, main.unread_ordinal AS main_ordinal
        FROM unnest(${rooms.map(({ roomNid }) => roomNid)}::bigint[],
                    ${rooms.map(({ messages }) => messages)}::boolean[],
                    ${rooms.map(({ roomMentions }) => roomMentions)}::boolean[])
             AS r(room_nid, messages, room_mentions)
        CROSS JOIN LATERAL (
          SELECT history_pos, unread_ordinal FROM event
           WHERE event.room_nid = r.room_nid AND history_pos IS NOT NULL
           ORDER BY history_pos DESC LIMIT 1) head
        LEFT JOIN read_position everything ON everything.user_nid = ${userNid}
          AND everything.room_nid = r.room_nid AND everything.thread = ${ALL_THREADS}
        LEFT JOIN LATERAL (
          SELECT history_pos, unread_ordinal FROM read_position
           WHERE user_nid = ${userNid} AND room_nid = r.room_nid AND thread IN (${ALL_THREADS}, ${MAIN_THREAD})
           ORDER BY history_pos DESC LIMIT 1) main ON true
    ), special AS (
      SELECT room_nid, thread, history_pos, (NOT messages)::int AS n, 1 AS h
        FROM room_highlight JOIN heard USING (room_nid) WHERE room_mentions AND history_pos > read_all
      UNION ALL
      SELECT room_nid, thread, history_pos,
             notify::int - ((to_room AND room_mentions) OR (counted AND messages))::int,
             highlight::int - (to_room AND room_mentions)::int
        FROM personal_outcome JOIN heard USING (room_nid)
       WHERE user_nid = ${userNid} AND history_pos > read_all
      UNION ALL
      SELECT room_nid, thread, history_pos, 1, 0
        FROM thread_message JOIN heard USING (room_nid) WHERE messages AND history_pos > read_all
    ), counted AS (
      SELECT room_nid, ${MAIN_THREAD}::text AS thread, CASE WHEN messages AND read_main IS NOT NULL
               THEN ordinal - main_ordinal - (
                 SELECT count(*) FROM recalled_message recalled
                  WHERE recalled.room_nid = heard.room_nid AND recalled.history_pos > read_main)
               ELSE 0 END AS n, 0 AS h
        FROM heard
      UNION ALL
      SELECT room_nid, thread, n, h FROM special
       WHERE NOT EXISTS (
         SELECT FROM read_position p WHERE p.user_nid = ${userNid} AND p.room_nid = special.room_nid
            AND p.thread = special.thread AND p.history_pos >= special.history_pos)
    )
    SELECT room_nid AS "roomNid", thread, greatest(0, sum(n))::bigint AS notifications,
           greatest(0, sum(h))::bigint AS highlights, max(as_of) AS "asOf"
      FROM counted JOIN heard USING (room_nid) GROUP BY room_nid, thread`.execute(queries)
  return rows
}
