import type { StateMap, StateTuple } from '../state/state-map.ts'

/**
 * The tuples on which states disagree. Element `i` of a value is the event that state `i` has there, undefined
 * where it has none. All values have the same length: the number of states.
 */
export type ConflictedState = ReadonlyMap<StateTuple, readonly (string | undefined)[]>

/** States taken apart into where they agree and where they do not. */
export interface SeparatedState {
  readonly unconflicted: StateMap
  readonly conflicted: ConflictedState
}

/**
 * Divides states into the unconflicted state map and the conflicted tuples: a tuple is unconflicted when every
 * state has the same event there (rooms/fragments/v2-state-res.md, "Definitions").
 */
export function separateStates(states: readonly StateMap[]): SeparatedState {
  const unconflicted = new Map<StateTuple, string>()
  const conflicted = new Map<StateTuple, readonly (string | undefined)[]>()
  for (const state of states) {
    for (const tuple of state.keys()) {
      if (unconflicted.has(tuple) || conflicted.has(tuple)) continue
      const column = states.map((other) => other.get(tuple))
      const first = column[0]
      if (first !== undefined && column.every((eventId) => eventId === first)) unconflicted.set(tuple, first)
      else conflicted.set(tuple, column)
    }
  }
  return { unconflicted, conflicted }
}

/** The conflicted state set: every event that some state has at a conflicted tuple. */
export function conflictedEvents(conflicted: ConflictedState): Set<string> {
  const events = new Set<string>()
  for (const column of conflicted.values()) {
    for (const eventId of column) if (eventId !== undefined) events.add(eventId)
  }
  return events
}
