import type { RoomNid, EventNid } from '../numeric-ids.ts'

/** Events that stand out for every member. */
export interface RoomHighlightTable {
  room_nid: RoomNid
  event_nid: EventNid
  history_pos: number
  thread: string
}
