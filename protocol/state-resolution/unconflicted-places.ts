import { authEventTuples } from '../auth-rules/select-auth-events.ts'
import type { RoomEvent } from '../events/room-event.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { stateTuple, type StateTuple } from '../state/state-map.ts'

/**
 * The places of the unconflicted state that a resolution can read: what authorises any of the events that may be
 * replayed. A caller who resolves by differences looks these up beforehand.
 *
 * @param events the conflicted events and their auth chains.
 */
export function unconflictedPlaces(version: RoomVersionRules, events: Iterable<RoomEvent>): Set<StateTuple> {
  const places = new Set([stateTuple('m.room.create', ''), stateTuple('m.room.power_levels', '')])
  for (const event of events) {
    if (event.stateKey === undefined) continue
    places.add(stateTuple(event.type, event.stateKey))
    for (const { type, stateKey } of authEventTuples(version, event)) places.add(stateTuple(type, stateKey))
  }
  return places
}
