import { authEventTuples } from '../auth-rules/select-auth-events.ts'
import type { RoomEvent } from '../events/room-event.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { stateTuple, type StateTuple } from '../state/state-map.ts'

/** What all states agree on. */
export interface UnconflictedState {
  /** The event that all states have at a tuple that was asked for; undefined for a conflicted one. */
  unconflicted(tuple: StateTuple): string | undefined
}

/** The places of the unconflicted state that decide about events: what authorises any of them, and their own. */
export function unconflictedPlaces(version: RoomVersionRules, events: Iterable<RoomEvent>): Set<StateTuple> {
  const places = new Set([stateTuple('m.room.create', ''), stateTuple('m.room.power_levels', '')])
  for (const event of events) {
    if (event.stateKey === undefined) continue
    places.add(stateTuple(event.type, event.stateKey))
    for (const { type, stateKey } of authEventTuples(version, event)) places.add(stateTuple(type, stateKey))
  }
  return places
}
