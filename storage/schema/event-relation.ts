import type { RoomNid, EventNid } from '../numeric-ids.ts'

/** Which event relates to which, and how. */
export interface EventRelationTable {
  room_nid: RoomNid
  parent_event_id: string
  event_nid: EventNid
  rel_type: Buffer
}
