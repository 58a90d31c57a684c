import { membershipIn as namedMembership, type Membership } from '../../protocol/auth-rules/membership.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'

/** The membership that an `m.room.member` event gives; a form that no rule knows counts as not being there. */
export function membershipIn(event: RoomEvent): Membership {
  return namedMembership(event) ?? 'leave'
}
