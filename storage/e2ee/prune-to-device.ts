import { sql } from 'kysely'
import type { Queries } from '../database.ts'

/**
 * Forgets requests that are repeated no more.
 *
 * @param now milliseconds since the epoch.
 * @param limit rows of one statement.
 * @returns how many went; fewer than `limit` when none is left.
 */
export async function deleteExpiredToDeviceRequests(
  queries: Queries,
  now: number,
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM to_device_request WHERE request_hash IN (
      SELECT request_hash FROM to_device_request WHERE expires_ts < ${now} ORDER BY expires_ts LIMIT ${limit}
    )`.execute(queries)
  return Number(numAffectedRows ?? 0n)
}
