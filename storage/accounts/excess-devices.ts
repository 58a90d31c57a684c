import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Which devices of a user may go. All times are milliseconds since the epoch. */
export interface Dispensable {
  /** The one that has just come. */
  readonly except: string
  /** Devices without keys must not have been used since. */
  readonly withoutKeysUnusedSince: number
  /** Devices with keys must not have been used since. */
  readonly withKeysUnusedSince: number
}

/**
 * Counts a user's devices, the dehydrated one apart, of which there is one at most. Until the end of the transaction
 * nobody else counts them, so that two who come at the same time do not both take the last place.
 */
export async function lockAndCountDevices(transaction: Queries, userNid: UserNid): Promise<number> {
  await sql`SELECT FROM account WHERE user_nid = ${userNid} FOR NO KEY UPDATE`.execute(transaction)
  const { count } = await transaction
    .selectFrom('device')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('user_nid', '=', userNid)
    .where('device_id', 'not in', dehydratedOf(transaction, userNid))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The ids of devices that a user will miss least: first those without keys, and the longest unused of each kind first. */
export async function dispensableDevices(
  transaction: Queries,
  userNid: UserNid,
  { except, withoutKeysUnusedSince, withKeysUnusedSince }: Dispensable,
  atMost: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT device_id AS id FROM device LEFT JOIN device_key AS key USING (user_nid, device_id)
     WHERE user_nid = ${userNid} AND device_id <> ${except}
       AND device_id NOT IN (${dehydratedOf(transaction, userNid)})
       AND coalesce(last_seen_ts, created_ts) < CASE
             WHEN key.content IS NULL THEN ${withoutKeysUnusedSince}::bigint ELSE ${withKeysUnusedSince}::bigint END
     ORDER BY key.content IS NOT NULL, coalesce(last_seen_ts, created_ts), device_id
     LIMIT ${atMost}`.execute(transaction)
  return rows.map(({ id }) => id)
}

function dehydratedOf(queries: Queries, userNid: UserNid) {
  return queries.selectFrom('dehydrated_device').select('device_id').where('user_nid', '=', userNid)
}
