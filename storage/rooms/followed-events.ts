import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import { ACCEPTED } from '../events/verdict.ts'
import type { RoomNid } from '../numeric-ids.ts'

/**
 * The ids of events that have no place in a room here and that accepted events of it follow: causes that are missing,
 * and what those that are known as parts of states lead back to. At most `limit`.
 */
export async function followedEventIds(queries: Queries, roomNid: RoomNid, limit: number): Promise<string[]> {
  const { rows } = await sql<{ event_id: string }>`
    WITH RECURSIVE followed(event_id) AS (
      SELECT edge.missing_event_id
        FROM backward_extremity AS edge
        JOIN event AS child ON child.room_nid = edge.room_nid AND child.event_nid = edge.child_event_nid
       WHERE edge.room_nid = ${roomNid} AND child.verdict = ${ACCEPTED}
      UNION
      SELECT unnest(event.prev_event_ids)
        FROM followed JOIN event USING (event_id)
       WHERE event.room_nid = ${roomNid} AND event.outlier
    )
    SELECT event_id FROM followed LIMIT ${limit}`.execute(queries)
  return rows.map((row) => row.event_id)
}
