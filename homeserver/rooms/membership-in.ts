import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { Membership } from '../../storage/schema/membership.ts'

/** The membership that an `m.room.member` event gives; a form that no rule knows counts as not being there. */
export function membershipIn(event: RoomEvent): Membership {
  const membership = ownValue(event.content, 'membership')
  switch (membership) {
    case 'join':
    case 'invite':
    case 'knock':
    case 'ban':
      return membership
    default:
      return 'leave'
  }
}
