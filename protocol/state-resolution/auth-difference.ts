import { conflictedEvents, type ConflictedState } from './conflicted-state.ts'
import type { ConflictInput } from './conflict-input.ts'
import { reachedByStates, type StateBits } from './reached-by-states.ts'
import type { Steps } from './steps.ts'
import { unconflictedPlaces } from './unconflicted-places.ts'

/**
 * The auth difference: the events that are in the auth chain of some but not all states, less those that are
 * conflicted themselves.
 *
 * Let `U` be the auth chain of the unconflicted events and `Dᵢ` that of the conflicted events of state `i`. The
 * full auth chain of state `i` is `Cᵢ = U ∪ Dᵢ`, hence `∪Cᵢ − ∩Cᵢ = (∪Dᵢ − ∩Dᵢ) − U`: the unconflicted state
 * can only take events away. So the walk begins where the states differ, and at those few unconflicted events that
 * authorise what it begins with, whose chain is most of what the others share. What is still in question in the end
 * the caller is asked about.
 *
 * A state's own events count as part of its chain. The specification's text leaves them out, which changes the
 * answer only for an unconflicted event that some states cite and others merely contain; servers in use agree
 * on counting them, and servers have to agree.
 */
export function* authDifference(input: ConflictInput): Steps<ReadonlySet<string>> {
  const conflicted = conflictedEvents(input.conflicted)
  yield { events: conflicted }
  const events = [...conflicted].flatMap((eventId) => input.event(eventId) ?? [])
  const places = unconflictedPlaces(input.version, events)
  yield { places }
  const all: StateBits = (1n << BigInt(input.stateCount)) - 1n
  const starts = statesWith(input.conflicted)
  for (const place of places) {
    const shared = input.unconflicted(place)
    if (shared !== undefined) starts.set(shared, all)
  }
  const candidates = new Set<string>()
  for (const [eventId, bits] of yield* reachedByStates(starts, all, input)) {
    if (bits !== all && !conflicted.has(eventId)) candidates.add(eventId)
  }
  if (candidates.size === 0) return candidates
  yield { candidates }
  const shared = input.inUnconflictedChain(candidates)
  return new Set([...candidates].filter((eventId) => !shared.has(eventId)))
}

/** The states that have each of the conflicted events. */
function statesWith(conflicted: ConflictedState): Map<string, StateBits> {
  const having = new Map<string, StateBits>()
  for (const column of conflicted.values()) {
    for (const [state, eventId] of column.entries()) {
      if (eventId !== undefined) having.set(eventId, (having.get(eventId) ?? 0n) | (1n << BigInt(state)))
    }
  }
  return having
}
