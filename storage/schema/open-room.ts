import type { RoomNid } from '../numeric-ids.ts'

/** Rooms with users of this server that everybody may join or read: who is in them may be found by everybody. */
export interface OpenRoomTable {
  room_nid: RoomNid
}
