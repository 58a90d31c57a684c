import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Which of `roomNids` have new events, another state or new receipts in a stretch of the stream. */
export async function changedRooms(
  queries: Queries,
  roomNids: readonly RoomNid[],
  after: StreamPosition,
  upTo: StreamPosition,
): Promise<Set<RoomNid>> {
  if (roomNids.length === 0) return new Set()
  const { rows } = await sql<{ room_nid: RoomNid }>`
    SELECT r.room_nid FROM unnest(${roomNids}::bigint[]) AS r(room_nid)
     WHERE EXISTS (SELECT FROM event WHERE event.room_nid = r.room_nid
                      AND stream_pos > ${after} AND stream_pos <= ${upTo})
        OR EXISTS (SELECT FROM current_state_delta AS d WHERE d.room_nid = r.room_nid
                      AND d.stream_pos > ${after} AND d.stream_pos <= ${upTo})
        OR EXISTS (SELECT FROM receipt WHERE receipt.room_nid = r.room_nid
                      AND receipt.stream_pos > ${after} AND receipt.stream_pos <= ${upTo})`.execute(queries)
  return new Set(rows.map((row) => row.room_nid))
}
