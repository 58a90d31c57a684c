import { checkAuth } from '../auth-rules/check-auth.ts'
import type { RoomEvent } from '../events/room-event.ts'
import { stateTuple, type StateTuple } from '../state/state-map.ts'
import { createEventOf, type EventSource } from './event-source.ts'
import { PAUSE, type Steps } from './steps.ts'

/**
 * The iterative auth checks algorithm: applies each event to `resolved` if the auth rules allow it there
 * (rooms/fragments/v2-state-res.md). State that is missing for a check is taken from the event's own auth events,
 * unless those were rejected.
 *
 * @param resolved the state built so far; changed in place.
 * @param base what lies beneath `resolved`: the unconflicted state in version 2, nothing in version 2.1.
 */
export function* iterativeAuthChecks(
  events: readonly RoomEvent[],
  resolved: Map<StateTuple, string>,
  base: (tuple: StateTuple) => string | undefined,
  source: EventSource,
): Steps<void> {
  for (const event of events) {
    yield PAUSE
    if (event.stateKey === undefined) continue
    const get = (type: string, stateKey: string): RoomEvent | undefined => {
      const tuple = stateTuple(type, stateKey)
      const standing = resolved.get(tuple) ?? base(tuple)
      const standingEvent = standing === undefined ? undefined : source.event(standing)
      return standingEvent ?? ownAuthEvent(event, type, stateKey, source)
    }
    const create = event.version.roomIdIsCreateHash ? createEventOf(event, source) : get('m.room.create', '')
    if (checkAuth(event, { create, get }).allowed) {
      resolved.set(stateTuple(event.type, event.stateKey), event.eventId)
    }
  }
}

function ownAuthEvent(
  event: RoomEvent,
  type: string,
  stateKey: string,
  source: EventSource,
): RoomEvent | undefined {
  for (const eventId of event.authEvents) {
    const cited = source.event(eventId)
    if (cited === undefined || cited.type !== type || cited.stateKey !== stateKey) continue
    if (!source.isRejected(eventId)) return cited
  }
  return undefined
}
