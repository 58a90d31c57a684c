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
