import type { RoomVersionRules } from '../room-versions/rules.ts'
import type { ConflictedState } from './conflicted-state.ts'
import type { EventSource } from './event-source.ts'
import type { UnconflictedState } from './unconflicted-places.ts'

/** A conflict between states, known by where they differ alone. */
export interface ConflictInput extends EventSource, UnconflictedState {
  readonly version: RoomVersionRules
  readonly conflicted: ConflictedState
  /** How many states are resolved. */
  readonly stateCount: number
  /** Which of these candidates, which were asked for, are unconflicted state or in the auth chain of it. */
  inUnconflictedChain(candidates: ReadonlySet<string>): ReadonlySet<string>
}
