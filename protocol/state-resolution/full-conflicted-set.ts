import { authDifference } from './auth-difference.ts'
import type { ConflictInput } from './conflict-input.ts'
import { conflictedEvents } from './conflicted-state.ts'
import { conflictedSubgraph } from './conflicted-subgraph.ts'
import type { Steps } from './steps.ts'

/**
 * The full conflicted set: conflicted state, auth difference and, in version 2.1, the conflicted state subgraph
 * (rooms/fragments/v2-state-res.md, rooms/v12.md).
 */
export function* fullConflictedSet(algorithm: 'v2' | 'v2.1', input: ConflictInput): Steps<Set<string>> {
  const conflicted = conflictedEvents(input.conflicted)
  const difference = yield* authDifference(input)
  const full = algorithm === 'v2.1' ? yield* conflictedSubgraph(conflicted, input) : conflicted
  for (const eventId of difference) full.add(eventId)
  return full
}
