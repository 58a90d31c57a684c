import { sql, type RawBuilder } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A device of which a key is wanted. A claim names a device once. */
export interface KeyWish {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly algorithm: string
}

/** A key that was given out. */
export interface ClaimedKey extends KeyWish {
  readonly keyId: string
  readonly content: string
}

/**
 * Gives out the oldest one-time key of each device, which is gone with that. Claims that run at the same time pass
 * over each other's keys instead of waiting, so that no two get the same and none waits for a lock. In the order of
 * upload (client-server API, "One-time and fallback keys").
 *
 * @returns keys of those devices that had one.
 */
export async function takeOneTimeKeys(queries: Queries, wishes: readonly KeyWish[]): Promise<ClaimedKey[]> {
  const { rows } = await sql<ClaimedKey>`
    DELETE FROM one_time_key AS key USING (
      SELECT oldest.key_nid FROM ${table(wishes)} AS wish CROSS JOIN LATERAL (
        SELECT key_nid FROM one_time_key
         WHERE user_nid = wish.user_nid AND device_id = wish.device_id AND algorithm = wish.algorithm
         ORDER BY key_nid LIMIT 1 FOR UPDATE SKIP LOCKED
      ) AS oldest
    ) AS taken
    WHERE key.key_nid = taken.key_nid
    RETURNING key.user_nid AS "userNid", key.device_id AS "deviceId", key.algorithm,
      key.key_id AS "keyId", key.content`.execute(queries)
  return rows
}

/** Gives out the fallback key of each device that has one, and notes that it is used. */
export async function takeFallbackKeys(queries: Queries, wishes: readonly KeyWish[]): Promise<ClaimedKey[]> {
  const { rows } = await sql<ClaimedKey>`
    WITH wanted AS (
      SELECT key.* FROM fallback_key AS key JOIN ${table(wishes)} AS wish
        ON key.user_nid = wish.user_nid AND key.device_id = wish.device_id AND key.algorithm = wish.algorithm
    ), unmarked AS (
      SELECT key.user_nid, key.device_id, key.algorithm FROM fallback_key AS key
        JOIN wanted USING (user_nid, device_id, algorithm, key_id)
       WHERE NOT key.used FOR UPDATE OF key SKIP LOCKED
    ), marked AS (
      UPDATE fallback_key AS key SET used = true FROM unmarked
       WHERE key.user_nid = unmarked.user_nid AND key.device_id = unmarked.device_id
         AND key.algorithm = unmarked.algorithm
    )
    SELECT user_nid AS "userNid", device_id AS "deviceId", algorithm, key_id AS "keyId", content
      FROM wanted`.execute(queries)
  return rows
}

function table(wishes: readonly KeyWish[]): RawBuilder<unknown> {
  return sql`(SELECT * FROM unnest(
    ${wishes.map((wish) => wish.userNid)}::bigint[], ${wishes.map((wish) => wish.deviceId)}::text[],
    ${wishes.map((wish) => wish.algorithm)}::text[]) AS rows(user_nid, device_id, algorithm))`
}
