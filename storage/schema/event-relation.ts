import type { EventNid, RoomNid, TypeNid, UserNid } from '../numeric-ids.ts'

/** Which event of a room's history relates to which, and how. */
export interface EventRelationTable {
  room_nid: RoomNid
  parent_event_id: string
  rel_type: Buffer
  history_pos: number
  event_nid: EventNid
  type_nid: TypeNid
  sender_nid: UserNid
  origin_server_ts: number
  /** Hash of an annotation's key. */
  key_hash: Buffer | null
}
