import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { ownValue } from '../../protocol/json/value.ts'

/**
 * The servers that an event goes to: those that were in the room before it, and the server of a user who is put out,
 * or whose invite is taken back. An invited user's server has got the invite when it signed it.
 *
 * @param origin who has the event already.
 */
export function destinationsOf(
  event: RoomEvent,
  joined: ReadonlySet<string>,
  ownServer: string,
  origin: string,
): Set<string> {
  const destinations = new Set(joined)
  if (event.type === 'm.room.member' && event.stateKey !== undefined) {
    const membership = ownValue(event.content, 'membership')
    if (membership === 'leave' || membership === 'ban') destinations.add(serverOf(event.stateKey))
  }
  destinations.delete(ownServer)
  destinations.delete(origin)
  return destinations
}
