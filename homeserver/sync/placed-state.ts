import type { EventNid, StateKeyNid, TypeNid } from '../../storage/numeric-ids.ts'

/** The events of a room's state, by their place. */
export type PlacedState = Map<string, EventNid>

/** A place as a map key. */
export function placeKey(typeNid: TypeNid, stateKeyNid: StateKeyNid): string {
  return `${typeNid}/${stateKeyNid}`
}
