import type { RoomVersionRules } from '../room-versions/rules.ts'
import type { StateTuple } from '../state/state-map.ts'
import type { ConflictedState } from './conflicted-state.ts'
import type { EventSource } from './event-source.ts'
import { fullConflictedSet } from './full-conflicted-set.ts'
import { resolveV1 } from './v1.ts'
import { resolveV2 } from './v2.ts'

/** A conflict between states, known by where they differ alone. */
export interface ConflictInput extends EventSource {
  readonly version: RoomVersionRules
  readonly conflicted: ConflictedState
  /** How many states are resolved. */
  readonly stateCount: number
  /** The event that all states have at a tuple; undefined for a conflicted one. */
  unconflicted(tuple: StateTuple): string | undefined
  /**
   * Which of these events are unconflicted state or in the auth chain of it. Asked at most once, with what
   * `authDifferenceCandidates` returns, so that the answer can be looked up beforehand.
   */
  inUnconflictedChain(candidates: ReadonlySet<string>): ReadonlySet<string>
}

/**
 * Resolves the conflicted part of several states by the algorithm of their room version. Pure and synchronous:
 * what it asks for is loaded beforehand. That is the conflicted events, the unconflicted events at the
 * `unconflictedPlaces` of those and their auth chains, and the auth chains of all of these, and the
 * create event. All of them are of one room: that an event cites none of another room was checked on receipt.
 *
 * @returns the resolved state less its unconflicted part. A conflicted tuple that is not in it has no event any
 *   more; a tuple that no state had can be in it.
 */
export function resolveConflicts(input: ConflictInput): Map<StateTuple, string> {
  if (input.conflicted.size === 0) return new Map()
  const unconflicted = (tuple: StateTuple): string | undefined => input.unconflicted(tuple)
  const algorithm = input.version.stateResolution
  if (algorithm === 'v1') return resolveV1(input.conflicted, unconflicted, input)
  const full = fullConflictedSet({
    algorithm,
    conflicted: input.conflicted,
    stateCount: input.stateCount,
    authEdges: (eventId) => input.event(eventId)?.authEvents,
    inUnconflictedChain: (candidates) => input.inUnconflictedChain(candidates),
  })
  return resolveV2(algorithm, full, unconflicted, input)
}
