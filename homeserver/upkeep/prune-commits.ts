import type { Queries } from '../../storage/database.ts'
import { deleteOldestCommits } from '../../storage/position/prune-commits.ts'
import { deleteInBatches } from './delete-in-batches.ts'

/**
 * A process whose connection broke looks up the last batch that it sent. Others may have committed meanwhile: at
 * the most that one machine does, these are two minutes of them, and they take some 10 MB.
 */
export const COMMITS_KEPT = 100_000

/** Forgets commits about which nobody can be in doubt any more. */
export function pruneCommits(queries: Queries, signal: AbortSignal): Promise<number> {
  return deleteInBatches((limit) => deleteOldestCommits(queries, COMMITS_KEPT, limit), signal)
}
