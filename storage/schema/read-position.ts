import type { UserNid, RoomNid } from '../numeric-ids.ts'

/** Up to where a local user has read, for counting. */
export interface ReadPositionTable {
  user_nid: UserNid
  room_nid: RoomNid
  thread: string
  history_pos: number
  unread_ordinal: number
}
