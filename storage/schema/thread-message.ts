import type { RoomNid, EventNid } from '../numeric-ids.ts'

/** Messages of threads that count for those who have not read them. */
export interface ThreadMessageTable {
  room_nid: RoomNid
  history_pos: number
  event_nid: EventNid
  thread: string
}
