import type { RoomEvent } from '../events/room-event.ts'
import { ownValue } from '../json/value.ts'
import type { EventSource } from './event-source.ts'

/**
 * Whether an event might take away somebody's ability to do something (rooms/fragments/v2-state-res.md, "Power
 * events"). Only the empty state key governs a room, and a create event counts: so read all servers in use.
 */
export function isPowerEvent(event: RoomEvent): boolean {
  switch (event.type) {
    case 'm.room.power_levels':
    case 'm.room.join_rules':
    case 'm.room.create':
      return event.stateKey === ''
    case 'm.room.member': {
      const membership = ownValue(event.content, 'membership')
      return (membership === 'leave' || membership === 'ban') && event.sender !== event.stateKey
    }
    default:
      return false
  }
}

/**
 * Step 1 of the algorithm: the power events of the full conflicted set, with those of their auth chains that are
 * in the set as well.
 *
 * The walk stays inside the set, as other servers' does. In version 2.1 that is the specification's definition:
 * whatever lies between two members is a member. In version 2 it can stop short of a member behind an event that
 * all states share; which members are sorted here decides the result, so agreement comes before the letter.
 */
export function powerEventsWithChains(
  fullConflictedSet: ReadonlySet<string>,
  source: EventSource,
): Set<string> {
  const chosen = new Set<string>()
  for (const eventId of fullConflictedSet) {
    const event = source.event(eventId)
    if (event !== undefined && isPowerEvent(event)) chosen.add(eventId)
  }
  const pending = [...chosen]
  for (let eventId = pending.pop(); eventId !== undefined; eventId = pending.pop()) {
    for (const authEvent of source.event(eventId)?.authEvents ?? []) {
      if (chosen.has(authEvent) || !fullConflictedSet.has(authEvent)) continue
      chosen.add(authEvent)
      pending.push(authEvent)
    }
  }
  return chosen
}
