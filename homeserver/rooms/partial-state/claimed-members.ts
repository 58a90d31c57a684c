import type { RoomEvent } from '../../../protocol/events/room-event.ts'

/**
 * A state that lacks members, with those in it that an event itself claims by its auth events. So an event of somebody
 * who is not known yet is judged by its own word until all members are (MSC3902, "Checking events").
 */
export function withClaimedMembers(
  state: readonly RoomEvent[],
  authEvents: readonly RoomEvent[],
): readonly RoomEvent[] {
  const known = new Set(state.filter(isMember).map(({ stateKey }) => stateKey))
  return [...state, ...authEvents.filter((event) => isMember(event) && !known.has(event.stateKey))]
}

function isMember({ type, stateKey }: RoomEvent): boolean {
  return type === 'm.room.member' && stateKey !== undefined
}
