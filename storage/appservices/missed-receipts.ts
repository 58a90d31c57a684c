import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { StreamPosition } from '../position/position.ts'
import type { Receipt } from '../sync/receipts-reader.ts'

/**
 * The newest receipts after a position in the rooms that users of a service are in, the oldest of them first; private
 * ones of its own users alone.
 */
export async function missedReceipts(
  queries: Queries,
  appserviceId: string,
  after: StreamPosition,
  limit: number,
): Promise<Receipt[]> {
  const { rows } = await sql<Receipt>`
    WITH own AS MATERIALIZED (SELECT user_nid FROM account WHERE appservice_id = ${appserviceId})
    SELECT receipt.room_nid AS "roomNid", receipt.user_nid AS "userNid", receipt_type AS "receiptType", thread,
           event_id AS "eventId", receipt_ts AS ts
      FROM (SELECT DISTINCT room_nid FROM membership
             WHERE user_nid IN (SELECT user_nid FROM own) AND membership = 'join') rooms
      JOIN receipt ON receipt.room_nid = rooms.room_nid AND stream_pos > ${after}
     WHERE receipt_type = 'm.read' OR receipt.user_nid IN (SELECT user_nid FROM own)
     ORDER BY stream_pos DESC LIMIT ${limit}`.execute(queries)
  return rows.reverse()
}
