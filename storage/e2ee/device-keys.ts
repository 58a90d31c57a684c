import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A device's identity keys, as JSON texts. */
export interface StoredDeviceKeys {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly content: string
  readonly signatures: string
  /** JSON text of the device's name; null for none. */
  readonly displayName: string | null
}

/**
 * Stores the keys of a device that still exists.
 *
 * @returns whether they are new or other than before.
 */
export async function putDeviceKeys(
  queries: Queries,
  keys: Pick<StoredDeviceKeys, 'userNid' | 'deviceId' | 'content' | 'signatures'>,
): Promise<boolean> {
  const { userNid, deviceId, content, signatures } = keys
  // The lock waits for a deletion that is under way, so that no keys stay of a device that is gone.
  const { rows } = await sql`
    INSERT INTO device_key (user_nid, device_id, content, signatures)
    SELECT user_nid, device_id, ${content}::text, ${signatures}::text FROM device
     WHERE user_nid = ${userNid} AND device_id = ${deviceId} FOR KEY SHARE
    ON CONFLICT (user_nid, device_id) DO UPDATE
      SET content = excluded.content, signatures = excluded.signatures
      WHERE device_key.content <> excluded.content OR device_key.signatures <> excluded.signatures
    RETURNING 1 AS changed`.execute(queries)
  return rows.length > 0
}

/** The keys of all devices of users that have any. */
export async function deviceKeysOf(
  queries: Queries,
  userNids: readonly UserNid[],
): Promise<StoredDeviceKeys[]> {
  return queries
    .selectFrom('device_key as key')
    .innerJoin('device', (join) =>
      join.onRef('device.user_nid', '=', 'key.user_nid').onRef('device.device_id', '=', 'key.device_id'),
    )
    .select([
      'key.user_nid as userNid',
      'key.device_id as deviceId',
      'key.content',
      'key.signatures',
      'device.display_name as displayName',
    ])
    .where('key.user_nid', '=', anyOf(userNids))
    .execute()
}

/** Deletes all keys of devices, and the signatures by them and on them. */
export async function deleteKeysOfDevices(
  queries: Queries,
  userNid: UserNid,
  deviceIds: readonly string[],
): Promise<void> {
  await queries.transaction().execute(async (transaction) => {
    for (const table of ['device_key', 'one_time_key', 'fallback_key'] as const) {
      await transaction
        .deleteFrom(table)
        .where('user_nid', '=', userNid)
        .where('device_id', '=', anyOf(deviceIds))
        .execute()
    }
    await transaction
      .deleteFrom('key_signature')
      .where('target_nid', '=', userNid)
      .where('target_key', '=', anyOf(deviceIds))
      .execute()
    await transaction
      .deleteFrom('key_signature')
      .where('signer_nid', '=', userNid)
      .where('signing_key', '=', anyOf(deviceIds.map((deviceId) => `ed25519:${deviceId}`)))
      .execute()
  })
}
