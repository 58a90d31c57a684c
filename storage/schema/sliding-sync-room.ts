import type { RoomNid } from '../numeric-ids.ts'

/** What a connection of sliding sync has been sent of one room. */
export interface SlidingSyncRoomTable {
  connection_nid: number
  room_nid: RoomNid
  /** The position of the connection that wrote `state`. */
  position: number
  /** JSON text. */
  state: string
  /** What held before that position; null for nothing. */
  previous: string | null
}
