import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { Receipt } from '../sync/receipts-reader.ts'

/** The receipts at some events of rooms, and all of one user's there; private ones of all users with them. */
export async function receiptsOfEvents(
  queries: Queries,
  roomNids: readonly RoomNid[],
  eventIds: readonly string[],
  userNid: UserNid,
): Promise<Receipt[]> {
  if (roomNids.length === 0) return []
  const { rows } = await sql<Receipt>`
    SELECT room_nid AS "roomNid", user_nid AS "userNid", receipt_type AS "receiptType", thread,
           event_id AS "eventId", receipt_ts AS ts
      FROM receipt
     WHERE room_nid = ${anyOf(roomNids)} AND (event_id = ${anyOf(eventIds)} OR user_nid = ${userNid})
     ORDER BY stream_pos, user_nid`.execute(queries)
  return rows
}
