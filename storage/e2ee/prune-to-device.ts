import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { ServerNid } from '../numeric-ids.ts'

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

/** Drops the oldest messages for each of these servers, so that `kept` stay at most. */
export async function trimOutgoing(
  queries: Queries,
  serverNids: readonly ServerNid[],
  kept: number,
): Promise<void> {
  await sql`
    DELETE FROM to_device_outbox USING (
      SELECT server_nid, (SELECT o.message_nid FROM to_device_outbox o WHERE o.server_nid = s.server_nid
                           ORDER BY o.message_nid DESC OFFSET ${kept} LIMIT 1) AS newest
        FROM unnest(${serverNids}::bigint[]) AS s(server_nid)
    ) AS surplus
     WHERE to_device_outbox.server_nid = surplus.server_nid
       AND to_device_outbox.message_nid <= surplus.newest`.execute(queries)
}
