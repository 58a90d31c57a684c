import type { RoomNid, EventNid } from '../numeric-ids.ts'

/** Events that are named as causes and are not here. */
export interface BackwardExtremityTable {
  room_nid: RoomNid
  missing_event_id: string
  child_event_nid: EventNid
}
