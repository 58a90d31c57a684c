import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { ALL_THREADS, MAIN_THREAD } from '../rooms/threads.ts'

/** The next rooms in the order of their numbers. @param after 0 to begin with. */
export async function roomsAfter(queries: Queries, after: RoomNid, limit: number): Promise<RoomNid[]> {
  const rows = await queries
    .selectFrom('room')
    .select('room_nid')
    .where('room_nid', '>', after)
    .orderBy('room_nid')
    .limit(limit)
    .execute()
  return rows.map((row) => row.room_nid)
}

/**
 * Deletes of rooms what counts for nobody any more: messages of threads and recalled messages that every local member
 * has read, and what stands out, once it is also too old to be listed as a notification. A room without local members
 * keeps nothing: whoever joins begins with all of it read.
 *
 * @param listedSince notifications that were received before are not listed; milliseconds since the epoch.
 * @returns how many rows are gone.
 */
export async function deleteReadReach(
  queries: Queries,
  rooms: readonly RoomNid[],
  listedSince: number,
): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    WITH floor AS (
      SELECT r.room_nid, coalesce(min(p.everything), 9e18) AS everything, coalesce(min(p.main), 9e18) AS main
        FROM unnest(${rooms}::bigint[]) AS r(room_nid)
        LEFT JOIN (
          SELECT m.room_nid, coalesce(max(p.history_pos), -9e18) AS main,
                 coalesce(max(p.history_pos) FILTER (WHERE p.thread = ${ALL_THREADS}), -9e18) AS everything
            FROM membership m JOIN account USING (user_nid)
            LEFT JOIN read_position p ON p.user_nid = m.user_nid AND p.room_nid = m.room_nid
              AND p.thread IN (${ALL_THREADS}, ${MAIN_THREAD})
           WHERE m.room_nid = ANY(${rooms}::bigint[]) AND m.membership = 'join' AND NOT m.outside
           GROUP BY m.room_nid, m.user_nid) p USING (room_nid)
       GROUP BY r.room_nid
    ), threads AS (
      DELETE FROM thread_message t USING floor f
       WHERE t.room_nid = f.room_nid AND t.history_pos <= f.everything RETURNING 1
    ), recalled AS (
      DELETE FROM recalled_message t USING floor f
       WHERE t.room_nid = f.room_nid AND t.history_pos <= f.main RETURNING 1
    ), highlights AS (
      DELETE FROM room_highlight t USING floor f, event e
       WHERE t.room_nid = f.room_nid
         AND t.history_pos <= CASE WHEN t.thread = ${MAIN_THREAD} THEN f.main ELSE f.everything END
         AND e.room_nid = t.room_nid AND e.event_nid = t.event_nid AND e.received_ts < ${listedSince}
       RETURNING 1
    ), personal AS (
      DELETE FROM personal_outcome t USING event e
       WHERE t.room_nid = ANY(${rooms}::bigint[])
         AND e.room_nid = t.room_nid AND e.event_nid = t.event_nid AND e.received_ts < ${listedSince}
         AND (EXISTS (SELECT FROM read_position p
                       WHERE p.user_nid = t.user_nid AND p.room_nid = t.room_nid
                         AND p.thread IN (${ALL_THREADS}, t.thread) AND p.history_pos >= t.history_pos)
              OR NOT EXISTS (SELECT FROM membership m
                              WHERE m.user_nid = t.user_nid AND m.room_nid = t.room_nid AND m.membership = 'join'))
       RETURNING 1
    )
    SELECT (SELECT count(*) FROM threads) + (SELECT count(*) FROM recalled)
         + (SELECT count(*) FROM highlights) + (SELECT count(*) FROM personal) AS deleted`.execute(queries)
  return rows[0]!.deleted
}
