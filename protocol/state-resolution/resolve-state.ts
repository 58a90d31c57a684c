import type { RoomEvent } from '../events/room-event.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import type { StateMap } from '../state/state-map.ts'
import { reachableAmong } from './auth-chain.ts'
import { separateStates } from './conflicted-state.ts'
import { resolveConflicts } from './resolve-conflicts.ts'
import { finish } from './steps.ts'

export interface ResolveInput {
  readonly version: RoomVersionRules
  readonly stateSets: readonly StateMap[]
  /** Conflicted and unconflicted events and their auth chains; one that is not at hand takes no part. */
  readonly event: (eventId: string) => RoomEvent | undefined
  /** Without it no event counts as rejected. */
  readonly isRejected?: (eventId: string) => boolean
  /** Without it nothing is known of heights. */
  readonly authHeight?: (eventId: string) => number | undefined
}

/**
 * The resolution of whole states, by the algorithm of their room version. A caller who knows where the states
 * differ uses `resolveConflicts` and is spared reading them.
 */
export function resolveState(input: ResolveInput): StateMap {
  const { version, stateSets, event } = input
  const [first] = stateSets
  if (first === undefined) return new Map()
  if (stateSets.length === 1) return first
  const { unconflicted, conflicted } = separateStates(stateSets)
  const resolution = finish(
    resolveConflicts({
      version,
      conflicted,
      stateCount: stateSets.length,
      event,
      isRejected: input.isRejected ?? (() => false),
      authHeight: input.authHeight ?? (() => undefined),
      unconflicted: (tuple) => unconflicted.get(tuple),
      inUnconflictedChain: (candidates) =>
        reachableAmong(candidates, unconflicted.values(), (eventId) => event(eventId)?.authEvents),
    }),
  )
  return new Map([...unconflicted, ...resolution])
}
