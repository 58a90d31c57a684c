import type { Queries } from '../../storage/database.ts'
import { deleteClientTransactionsBefore } from '../../storage/rooms/prune-client-transactions.ts'
import { REPEATABLE_MS } from '../rooms/repeatable.ts'
import { deleteInBatches } from './delete-in-batches.ts'

/** Forgets requests that are too old to be repeated. @param now milliseconds since the epoch. */
export function pruneClientTransactions(queries: Queries, now: number, signal: AbortSignal): Promise<number> {
  return deleteInBatches(
    (limit) => deleteClientTransactionsBefore(queries, now - REPEATABLE_MS, limit),
    signal,
  )
}
