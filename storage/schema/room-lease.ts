import type { RoomNid } from '../numeric-ids.ts'

/** The token that the writer of a room must hold. */
export interface RoomLeaseTable {
  room_nid: RoomNid
  token: number
}
