import type { RoomNid, EventNid, TypeNid, StateKeyNid } from '../numeric-ids.ts'

/** The resolved state of a room at its head. */
export interface CurrentStateTable {
  room_nid: RoomNid
  type_nid: TypeNid
  state_key_nid: StateKeyNid
  event_nid: EventNid
}
