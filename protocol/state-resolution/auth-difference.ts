import { type AuthEdges, walkAuthChain } from './auth-chain.ts'
import { conflictedEvents, type ConflictedState } from './conflicted-state.ts'

/**
 * The events that are in the auth chain of some but not all states, judged by the conflicted events alone. This
 * is the auth difference, plus possibly events that {@link withoutUnconflicted} still has to take away.
 *
 * Let `U` be the auth chain of the unconflicted events and `Dᵢ` that of the conflicted events of state `i`. The
 * full auth chain of state `i` is `Cᵢ = U ∪ Dᵢ`, hence `∪Cᵢ − ∩Cᵢ = (∪Dᵢ − ∩Dᵢ) − U`: the unconflicted state
 * can only take events away. So a caller who knows only where the states differ computes this small set first
 * and asks about `U` only for its members.
 *
 * A state's own events count as part of its chain. The specification's text leaves them out, which changes the
 * answer only for an unconflicted event that some states cite and others merely contain; servers in use agree
 * on counting them, and servers have to agree.
 *
 * @returns candidates that are not conflicted themselves.
 */
export function authDifferenceCandidates(
  conflicted: ConflictedState,
  stateCount: number,
  authEdges: AuthEdges,
): Set<string> {
  const statesWith = new Map<string, number>()
  for (let state = 0; state < stateCount; state++) {
    const starts = new Set<string>()
    for (const column of conflicted.values()) {
      const eventId = column[state]
      if (eventId !== undefined) starts.add(eventId)
    }
    walkAuthChain(starts, authEdges, (eventId) => {
      statesWith.set(eventId, (statesWith.get(eventId) ?? 0) + 1)
      return undefined
    })
  }
  const conflictedIds = conflictedEvents(conflicted)
  const candidates = new Set<string>()
  for (const [eventId, count] of statesWith) {
    if (count < stateCount && !conflictedIds.has(eventId)) candidates.add(eventId)
  }
  return candidates
}

/**
 * Completes the auth difference: takes away the candidates that are unconflicted state or in its auth chain.
 *
 * @param inUnconflictedChain answers which of the given events are.
 */
export function withoutUnconflicted(
  candidates: ReadonlySet<string>,
  inUnconflictedChain: (candidates: ReadonlySet<string>) => ReadonlySet<string>,
): ReadonlySet<string> {
  if (candidates.size === 0) return candidates
  const shared = inUnconflictedChain(candidates)
  return new Set([...candidates].filter((eventId) => !shared.has(eventId)))
}
