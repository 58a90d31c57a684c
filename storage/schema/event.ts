import type { Generated } from 'kysely'
import type { UserNid, RoomNid, EventNid, TypeNid, StateKeyNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Events with their verdict, place and PDU. */
export interface EventTable {
  room_nid: RoomNid
  event_nid: EventNid
  event_id: string
  type_nid: TypeNid
  state_key_nid: StateKeyNid | null
  sender_nid: UserNid
  origin_server_ts: number
  depth: number
  verdict: number
  outlier: Generated<boolean>
  auth_height: number | null
  stream_pos: StreamPosition | null
  history_pos: number | null
  unread_ordinal: Generated<number>
  state_before_root: Buffer | null
  state_after_root: Buffer | null
  partial_state: Generated<boolean>
  redacted_by: EventNid | null
  censored: Generated<boolean>
  contains_url: Generated<boolean>
  received_ts: number
  prev_event_ids: string[]
  auth_event_ids: string[]
  pdu: Buffer
  /** Of a delayed event (MSC4140). */
  delay_id: string | null
}
