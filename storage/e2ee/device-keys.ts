import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import type { Statement } from '../position/stream-write.ts'

/** A device's identity keys, as JSON texts. */
export interface StoredDeviceKeys {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly content: string
  readonly signatures: string
  /** JSON text of the device's name; null for none. */
  readonly displayName: string | null
}

/** The keys of one device. */
export type DeviceKeysWrite = Pick<StoredDeviceKeys, 'userNid' | 'deviceId' | 'content' | 'signatures'>

const upsert = rowsStatement<DeviceKeysWrite>(
  'upsert-device-keys',
  // The lock waits for a deletion that is under way, so that no keys stay of a device that is gone.
  `INSERT INTO device_key (user_nid, device_id, content, signatures)
   SELECT user_nid, device_id, r.content, r.signatures
     FROM @rows AS r(user_nid, device_id, content, signatures) JOIN device USING (user_nid, device_id)
      FOR KEY SHARE OF device
   ON CONFLICT (user_nid, device_id) DO UPDATE
     SET content = excluded.content, signatures = excluded.signatures`,
  [
    { type: 'bigint', value: ({ userNid }) => userNid },
    { type: 'text', value: ({ deviceId }) => deviceId },
    { type: 'text', value: ({ content }) => content },
    { type: 'text', value: ({ signatures }) => signatures },
  ],
)

/** Stores keys of devices that still exist; of the same device the last ones. */
export function storeDeviceKeys(keys: readonly DeviceKeysWrite[]): readonly Statement[] {
  return upsert([...new Map(keys.map((key) => [`${key.userNid}/${key.deviceId}`, key])).values()])
}

/** Whether a device has exactly these keys. */
export async function hasDeviceKeys(queries: Queries, keys: DeviceKeysWrite): Promise<boolean> {
  const row = await queries
    .selectFrom('device_key')
    .select('device_id')
    .where('user_nid', '=', keys.userNid)
    .where('device_id', '=', keys.deviceId)
    .where('content', '=', keys.content)
    .where('signatures', '=', keys.signatures)
    .executeTakeFirst()
  return row !== undefined
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

/** Deletes all keys of devices, and the signatures by them and on them. Within a transaction. */
export async function deleteKeysOfDevices(
  transaction: Queries,
  userNid: UserNid,
  deviceIds: readonly string[],
): Promise<void> {
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
}
