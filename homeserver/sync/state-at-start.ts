import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import { isAfter } from '../../storage/position/position.ts'
import type { StateDelta } from '../../storage/sync/state-places-reader.ts'
import { placeKey, type PlacedState } from './placed-state.ts'

/**
 * Turns the state at the end of a timeline back into that at its start, for clients that apply the timeline's own
 * state events on top. Places that the timeline does not touch stay as they are at the end, so that what state
 * resolution changed silently reaches the client as well.
 *
 * @param replaced what the timeline's state events took the place of.
 * @param deltas the changes since the client's last answer; undefined where the client knows nothing yet.
 */
export function stateAtStart(
  state: PlacedState,
  timeline: readonly StoredEvent[],
  replaced: ReadonlyMap<EventNid, EventNid>,
  deltas: readonly StateDelta[] | undefined,
): void {
  const start = timeline.find(({ streamPos }) => streamPos !== undefined)?.streamPos
  const seen = new Set<string>()
  for (const { typeNid, stateKeyNid, eventNid } of timeline) {
    if (stateKeyNid === undefined) continue
    const key = placeKey(typeNid, stateKeyNid)
    if (seen.has(key)) continue
    seen.add(key)
    const before =
      deltas === undefined
        ? replaced.get(eventNid)
        : deltas.findLast(
            (delta) =>
              placeKey(delta.typeNid, delta.stateKeyNid) === key &&
              start !== undefined &&
              isAfter(start, delta.position),
          )?.eventNid
    if (before === undefined) state.delete(key)
    else state.set(key, before)
  }
}
