import type { UserNid, RoomNid, EventNid } from '../numeric-ids.ts'

/** Events that stand out for one user. */
export interface HighlightTable {
  user_nid: UserNid
  room_nid: RoomNid
  event_nid: EventNid
  history_pos: number
  thread: string
}
