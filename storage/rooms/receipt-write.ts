import type { RoomNid, UserNid } from '../numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../position/committed-write.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import { upsertReadPositions, type ReadPosition } from './read-position-statement.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'

export type ReceiptType = 'm.read' | 'm.read.private'

/** A user's receipt. `thread` is the empty string for an unthreaded one. */
export interface ReceiptWrite {
  readonly roomNid: RoomNid
  readonly userNid: UserNid
  readonly type: ReceiptType
  readonly thread: string
  readonly eventId: string
  /** Milliseconds since the epoch. */
  readonly ts: number
  /** Up to where that means the user has read, for local users and events that are here. */
  readonly read: { readonly historyPos: number; readonly unreadOrdinal: number } | undefined
}

// A receipt never goes back to an event that stands before the one it is at, as late or repeated requests would.
const upsertReceipts = rowsStatement<Positioned<ReceiptWrite>>(
  'upsert-receipts',
  `INSERT INTO receipt (room_nid, user_nid, receipt_type, thread, event_id, receipt_ts, stream_pos)
   SELECT room_nid, user_nid, receipt_type, thread, event_id, receipt_ts, ${POSITION_SQL}
   FROM @rows AS r(room_nid, user_nid, receipt_type, thread, event_id, receipt_ts, back)
   ON CONFLICT (room_nid, user_nid, receipt_type, thread) DO UPDATE SET
     event_id = excluded.event_id, receipt_ts = excluded.receipt_ts, stream_pos = excluded.stream_pos
   WHERE NOT EXISTS (
     SELECT FROM event old JOIN event new ON new.event_id = excluded.event_id
     WHERE old.event_id = receipt.event_id AND old.history_pos >= new.history_pos)`,
  [
    { type: 'bigint', value: ({ item }) => item.roomNid },
    { type: 'bigint', value: ({ item }) => item.userNid },
    { type: 'text', value: ({ item }) => item.type },
    { type: 'text', value: ({ item }) => item.thread },
    { type: 'text', value: ({ item }) => item.eventId },
    { type: 'bigint', value: ({ item }) => item.ts },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

/** Receipts on their way into the stream. */
export const RECEIPT: StreamWriteKind<ReceiptWrite> = {
  name: 'receipt',
  after(items) {
    const last = new Map<string, Positioned<ReceiptWrite>>()
    const positions: ReadPosition[] = []
    for (const entry of items) {
      const { roomNid, userNid, type, thread, read } = entry.item
      last.set(`${roomNid}/${userNid}/${type}/${thread}`, entry)
      if (read) positions.push({ userNid, roomNid, thread, ...read })
    }
    return [...upsertReceipts([...last.values()]), ...upsertReadPositions(positions)]
  },
}

/** The receipt that a commit listener is told about; undefined for writes of other kinds. */
export function receiptOf(committed: CommittedWrite): ReceiptWrite | undefined {
  return itemOf(RECEIPT, committed)
}
