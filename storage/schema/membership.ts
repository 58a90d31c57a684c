import type { Membership } from '../../protocol/auth-rules/membership.ts'
import type { Generated } from 'kysely'
import type { UserNid, RoomNid, EventNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

export type { Membership }

/** A user's relation to a room, also to rooms that this server is not in (`outside`), whose membership event is kept as it came. */
export interface MembershipTable {
  user_nid: UserNid
  room_nid: RoomNid
  membership: Membership
  event_nid: EventNid | null
  sender_nid: UserNid
  stream_pos: StreamPosition
  joined_pos: StreamPosition | null
  forgotten: Generated<boolean>
  outside: Generated<boolean>
  event_pdu: Buffer | null
  stripped_state: Buffer | null
}
