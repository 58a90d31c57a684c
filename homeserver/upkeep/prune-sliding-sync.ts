import type { Queries } from '../../storage/database.ts'
import { deleteConnectionsBefore } from '../../storage/sliding-sync/connection-store.ts'
import { CONNECTION_KEPT_MS } from '../sliding-sync/connections.ts'

/** Each takes a row a room with it, of which a busy user has thousands. */
const CONNECTIONS_A_STATEMENT = 20

/** Deletes connections of sliding sync that have expired. @param now milliseconds since the epoch. */
export async function pruneSlidingSync(queries: Queries, now: number, signal: AbortSignal): Promise<void> {
  const remove = (): Promise<number> =>
    deleteConnectionsBefore(queries, now - CONNECTION_KEPT_MS, CONNECTIONS_A_STATEMENT)
  while ((await remove()) === CONNECTIONS_A_STATEMENT) signal.throwIfAborted()
}
