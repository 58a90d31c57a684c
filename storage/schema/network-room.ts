import type { RoomNid } from '../numeric-ids.ts'

/** Rooms of the directories that application services keep of their networks. */
export interface NetworkRoomTable {
  appservice_id: string
  network_id: string
  room_nid: RoomNid
}
