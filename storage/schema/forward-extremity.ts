import type { RoomNid, EventNid } from '../numeric-ids.ts'

/** Events of a room that no accepted event follows yet. */
export interface ForwardExtremityTable {
  room_nid: RoomNid
  event_nid: EventNid
}
