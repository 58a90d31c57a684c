import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** The one room in which a user gets the server's notices. */
export interface ServerNoticeRoomTable {
  user_nid: UserNid
  room_nid: RoomNid
}
