import type { Viewer } from '../history/read-services.ts'
import type { Filter } from '../filters/filter.ts'
import type { StreamToken } from './tokens.ts'

/**
 * Under which key a client wants room state: `state` stands at the start of the timeline, the others at its end.
 * The two spellings of the latter are never mixed (MSC4222).
 */
export type StateKey = 'state' | 'state_after' | 'org.matrix.msc4222.state_after'

/** A `/sync` request, read and checked. */
export interface SyncRequest {
  readonly viewer: Viewer
  readonly since: StreamToken | undefined
  readonly filter: Filter
  readonly fullState: boolean
  readonly stateKey: StateKey
  /** How long to wait for news, in milliseconds. */
  readonly timeoutMs: number
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined
  /** What the client has surely got, where that is less than `since`; undefined where it is the same. */
  readonly received?: StreamToken | 'nothing' | undefined
  /** Leaves what is never stored for a later answer: a slow reader is told of it once, as it is then. */
  readonly durableOnly?: boolean | undefined
}

/** Whether an answer without news is held back until there are some. */
export function mayWait({ since, fullState }: SyncRequest): boolean {
  return since !== undefined && !fullState
}
