import { sql } from 'kysely'
import type { Queries } from '../database.ts'

/**
 * Forgets the oldest requests that clients can no longer repeat; the events they made stay.
 *
 * @param before milliseconds since the epoch.
 * @param limit rows of one statement.
 * @returns how many went; fewer than `limit` when none is left.
 */
export async function deleteClientTransactionsBefore(
  queries: Queries,
  before: number,
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM client_transaction WHERE (user_nid, device_id, request_hash) IN (
      SELECT user_nid, device_id, request_hash FROM client_transaction
       WHERE created_ts < ${before} ORDER BY created_ts LIMIT ${limit}
    )`.execute(queries)
  return Number(numAffectedRows ?? 0n)
}
