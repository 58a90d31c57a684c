import type { UserNid, RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Receipts, the newest of each user, kind and thread. */
export interface ReceiptTable {
  room_nid: RoomNid
  user_nid: UserNid
  receipt_type: string
  thread: string
  event_id: string
  receipt_ts: number
  stream_pos: StreamPosition
}
