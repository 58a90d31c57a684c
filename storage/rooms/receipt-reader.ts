import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { ReceiptWrite } from './receipt-write.ts'

/** The event at which a user's receipt of a kind and thread is; undefined where there is none. */
export async function findReceipt(
  queries: Queries,
  { roomNid, userNid, type, thread }: Pick<ReceiptWrite, 'roomNid' | 'userNid' | 'type' | 'thread'>,
): Promise<string | undefined> {
  const row = await queries
    .selectFrom('receipt')
    .select('event_id')
    .where('room_nid', '=', roomNid)
    .where('user_nid', '=', userNid)
    .where('receipt_type', '=', type)
    .where('thread', '=', thread)
    .executeTakeFirst()
  return row?.event_id
}

/** Which of these receipts would go back to an event before the one at which the stored receipt is, or stay there. */
export async function receiptsOvertaken(
  queries: Queries,
  receipts: readonly ReceiptWrite[],
): Promise<ReadonlySet<ReceiptWrite>> {
  if (receipts.length === 0) return new Set()
  const { rows } = await sql<{ place: number }>`
    SELECT r.place - 1 AS place
      FROM unnest(${receipts.map(({ roomNid }) => roomNid)}::bigint[],
                  ${receipts.map(({ userNid }) => userNid)}::bigint[],
                  ${receipts.map(({ type }) => type)}::text[],
                  ${receipts.map(({ thread }) => thread)}::text[],
                  ${receipts.map(({ eventId }) => eventId)}::text[])
           WITH ORDINALITY AS r(room_nid, user_nid, receipt_type, thread, event_id, place)
      JOIN receipt USING (room_nid, user_nid, receipt_type, thread)
      JOIN event old ON old.event_id = receipt.event_id
      JOIN event new ON new.event_id = r.event_id
     WHERE old.history_pos >= new.history_pos`.execute(queries)
  return new Set(rows.map(({ place }) => receipts[Number(place)]!))
}
