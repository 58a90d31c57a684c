import type { Queries } from '../../storage/database.ts'
import { deleteClientTransactionsBefore } from '../../storage/rooms/prune-client-transactions.ts'
import { deleteInBatches } from './delete-in-batches.ts'

/**
 * A client repeats a request whose answer it has not had within seconds, or when its network is back. A day is what
 * deployed servers give it, and a busy server makes a row for each message.
 */
export const REPEATABLE_MS = 24 * 3_600_000

/** Forgets requests that are too old to be repeated. @param now milliseconds since the epoch. */
export function pruneClientTransactions(queries: Queries, now: number, signal: AbortSignal): Promise<number> {
  return deleteInBatches(
    (limit) => deleteClientTransactionsBefore(queries, now - REPEATABLE_MS, limit),
    signal,
  )
}
