import type { RoomEvent } from '../events/room-event.ts'
import { stateTuple } from '../state/state-map.ts'
import { ALLOWED, rejected } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'
import { authEventTuples } from './select-auth-events.ts'

/**
 * Whether an event lists the right `auth_events`; the room's state plays no part in it. The rule is
 * number 2 of versions 1 to 11 and number 3 of version 12. A create event passes: `checkAuth` alone judges it.
 *
 * @param event the event that lists them.
 * @param authEvents the listed events. One that the caller could not find is left out, which refuses.
 * @param isRejected whether the auth event of that id was itself rejected on receipt.
 */
export function checkAuthEvents(
  event: RoomEvent,
  authEvents: readonly RoomEvent[],
  isRejected: (eventId: string) => boolean,
): AuthResult {
  if (event.type === 'm.room.create') return ALLOWED

  const found = new Map(authEvents.map((auth) => [auth.eventId, auth]))
  const selected = new Set<string>(
    authEventTuples(event.version, event).map(({ type, stateKey }) => stateTuple(type, stateKey)),
  )
  const seen = new Set<string>()
  const listed: RoomEvent[] = []

  for (const eventId of event.authEvents) {
    const auth = found.get(eventId)
    if (!auth) return rejected('An auth event of this event is not known.')
    if (auth.stateKey === undefined) return rejected('An auth event of this event is not a state event.')
    const place = stateTuple(auth.type, auth.stateKey)
    if (seen.has(place)) return rejected('Two auth events of this event stand at one place of the state.')
    seen.add(place)
    if (!selected.has(place)) return rejected('The event lists an auth event that does not bear on it.')
    listed.push(auth)
  }

  if (listed.some((auth) => isRejected(auth.eventId)))
    return rejected('An auth event of this event was rejected.')
  if (!event.version.roomIdIsCreateHash && !seen.has(stateTuple('m.room.create', ''))) {
    return rejected('The create event of the room is not among the auth events.')
  }
  if (listed.some((auth) => auth.roomId !== event.roomId)) {
    return rejected('An auth event of this event belongs to another room.')
  }
  return ALLOWED
}
