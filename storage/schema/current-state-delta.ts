import type { RoomNid, EventNid, TypeNid, StateKeyNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Changes of the current state, in stream order. */
export interface CurrentStateDeltaTable {
  room_nid: RoomNid
  stream_pos: StreamPosition
  type_nid: TypeNid
  state_key_nid: StateKeyNid
  prev_event_nid: EventNid | null
  event_nid: EventNid | null
}
