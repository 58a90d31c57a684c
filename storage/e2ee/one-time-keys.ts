import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A one-time key or a fallback key. */
export interface StoredKey {
  readonly algorithm: string
  readonly keyId: string
  /** Canonical JSON. */
  readonly content: string
}

/** How many one-time keys of each algorithm a device has left, and whose fallback key nobody has used. */
export interface KeyStock {
  readonly oneTimeKeys: ReadonlyMap<string, number>
  readonly unusedFallbackAlgorithms: readonly string[]
}

/**
 * Stores one-time keys of a device that still exists; those that are there stay as they are.
 *
 * @returns the algorithm and id of the first that is there with another content; nothing is to be kept then.
 */
export async function addOneTimeKeys(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
  keys: readonly StoredKey[],
): Promise<string | undefined> {
  const columns = sql.join([
    sql`${keys.map((key) => key.algorithm)}::text[]`,
    sql`${keys.map((key) => key.keyId)}::text[]`,
    sql`${keys.map((key) => key.content)}::text[]`,
  ])
  await sql`
    INSERT INTO one_time_key (user_nid, device_id, algorithm, key_id, content)
    SELECT device.user_nid, device.device_id, wanted.algorithm, wanted.key_id, wanted.content
      FROM (SELECT user_nid, device_id FROM device
             WHERE user_nid = ${userNid} AND device_id = ${deviceId} FOR KEY SHARE) AS device,
           unnest(${columns}) WITH ORDINALITY AS wanted(algorithm, key_id, content, place)
     ORDER BY wanted.place
    ON CONFLICT DO NOTHING`.execute(queries)
  const { rows } = await sql<{ id: string }>`
    SELECT wanted.algorithm || ':' || wanted.key_id AS id
      FROM unnest(${columns}) AS wanted(algorithm, key_id, content)
      JOIN one_time_key AS known USING (algorithm, key_id)
     WHERE known.user_nid = ${userNid} AND known.device_id = ${deviceId} AND known.content <> wanted.content
     LIMIT 1`.execute(queries)
  return rows[0]?.id
}

/** Stores the fallback keys of a device, one an algorithm; a key that is not there yet counts as unused. */
export async function putFallbackKeys(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
  keys: readonly StoredKey[],
): Promise<void> {
  await sql`
    INSERT INTO fallback_key (user_nid, device_id, algorithm, key_id, content, used)
    SELECT device.user_nid, device.device_id, wanted.algorithm, wanted.key_id, wanted.content, false
      FROM (SELECT user_nid, device_id FROM device
             WHERE user_nid = ${userNid} AND device_id = ${deviceId} FOR KEY SHARE) AS device,
           unnest(${keys.map((key) => key.algorithm)}::text[], ${keys.map((key) => key.keyId)}::text[],
             ${keys.map((key) => key.content)}::text[]) AS wanted(algorithm, key_id, content)
     ORDER BY wanted.algorithm
    ON CONFLICT (user_nid, device_id, algorithm) DO UPDATE
      SET key_id = excluded.key_id, content = excluded.content, used = false
      WHERE fallback_key.key_id <> excluded.key_id OR fallback_key.content <> excluded.content`.execute(
    queries,
  )
}

/** What a device has left to give out. */
export async function keyStockOf(queries: Queries, userNid: UserNid, deviceId: string): Promise<KeyStock> {
  const { rows } = await sql<{ algorithm: string; count: number | null }>`
    SELECT algorithm, count(*) AS count FROM one_time_key
     WHERE user_nid = ${userNid} AND device_id = ${deviceId} GROUP BY algorithm
    UNION ALL
    SELECT algorithm, NULL FROM fallback_key
     WHERE user_nid = ${userNid} AND device_id = ${deviceId} AND NOT used
     ORDER BY algorithm`.execute(queries)
  return {
    oneTimeKeys: new Map(
      rows.flatMap(({ algorithm, count }) => (count === null ? [] : [[algorithm, count] as const])),
    ),
    unusedFallbackAlgorithms: rows.flatMap(({ algorithm, count }) => (count === null ? [algorithm] : [])),
  }
}
