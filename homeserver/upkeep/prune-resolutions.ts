import type { Queries } from '../../storage/database.ts'
import { forgetResolutions } from '../../storage/state-trie/state-resolutions.ts'
import { deleteInBatches } from './delete-in-batches.ts'

/** Forks are talked about for hours; what has not been asked for in a month is made anew. */
const UNUSED_MS = 30 * 24 * 3_600_000
/** A room that forks all the time keeps the nodes of so many states alive besides those of its events. */
const KEPT_PER_ROOM = 1_000

/** Forgets what states were resolved to and nobody asks for any more; their nodes are then collected. */
export function pruneResolutions(queries: Queries, now: number, signal: AbortSignal): Promise<number> {
  const bounds = { before: now - UNUSED_MS, perRoom: KEPT_PER_ROOM }
  return deleteInBatches((limit) => forgetResolutions(queries, { ...bounds, limit }), signal)
}
