import type { AuthEdges } from './auth-chain.ts'
import { authDifferenceCandidates, withoutUnconflicted } from './auth-difference.ts'
import { conflictedEvents, type ConflictedState } from './conflicted-state.ts'
import { conflictedSubgraph } from './conflicted-subgraph.ts'

export interface FullConflictedSetInput {
  readonly algorithm: 'v2' | 'v2.1'
  readonly conflicted: ConflictedState
  /** How many states are resolved. */
  readonly stateCount: number
  readonly authEdges: AuthEdges
  /**
   * Which of these events are unconflicted state or in the auth chain of it. Asked at most once, with the
   * {@link authDifferenceCandidates}, and not at all when there are none.
   */
  readonly inUnconflictedChain: (candidates: ReadonlySet<string>) => ReadonlySet<string>
}

/**
 * The full conflicted set: conflicted state, auth difference and, in version 2.1, the conflicted state subgraph
 * (rooms/fragments/v2-state-res.md, rooms/v12.md).
 */
export function fullConflictedSet(input: FullConflictedSetInput): Set<string> {
  const conflicted = conflictedEvents(input.conflicted)
  const candidates = authDifferenceCandidates(input.conflicted, input.stateCount, input.authEdges)
  const difference = withoutUnconflicted(candidates, input.inUnconflictedChain)
  const full = input.algorithm === 'v2.1' ? conflictedSubgraph(conflicted, input.authEdges) : conflicted
  for (const eventId of difference) full.add(eventId)
  return full
}
