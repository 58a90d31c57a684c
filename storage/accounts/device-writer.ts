import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import { deleteKeysOfDevices } from '../e2ee/device-keys.ts'
import type { UserNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import type { Statement } from '../position/stream-write.ts'

/** When and from where a device was last seen. */
export interface DeviceSighting {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly seenTs: number
  readonly address: string
}

/** Stores a device unless the user has it already. Returns whether it is new. */
export async function insertDevice(
  queries: Queries,
  device: { userNid: UserNid; deviceId: string; displayName: string | null; createdTs: number },
): Promise<boolean> {
  const inserted = await queries
    .insertInto('device')
    .values({
      user_nid: device.userNid,
      device_id: device.deviceId,
      display_name: device.displayName === null ? null : JSON.stringify(device.displayName),
      created_ts: device.createdTs,
      last_seen_ts: null,
      last_seen_ip: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('device_id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Another name of a device; null for none. */
export interface DeviceName {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly displayName: string | null
}

const rename = rowsStatement<DeviceName>(
  'rename-devices',
  `UPDATE device SET display_name = r.display_name FROM @rows AS r(user_nid, device_id, display_name)
    WHERE device.user_nid = r.user_nid AND device.device_id = r.device_id`,
  [
    { type: 'bigint', value: ({ userNid }) => userNid },
    { type: 'text', value: ({ deviceId }) => deviceId },
    {
      type: 'text',
      value: ({ displayName }) => (displayName === null ? null : JSON.stringify(displayName)),
    },
  ],
)

/** Renames devices that there are; the same device as the last one says. */
export function renameDevices(names: readonly DeviceName[]): readonly Statement[] {
  return rename([...new Map(names.map((name) => [`${name.userNid}/${name.deviceId}`, name])).values()])
}

/**
 * Deletes devices with their tokens, pushers and keys; what waits for them goes too. Within a transaction.
 *
 * @returns the ids of those that existed.
 */
export async function deleteDevices(
  transaction: Queries,
  userNid: UserNid,
  deviceIds: readonly string[],
): Promise<string[]> {
  for (const table of ['access_token', 'refresh_token', 'pusher'] as const) {
    await transaction
      .deleteFrom(table)
      .where('user_nid', '=', userNid)
      .where('device_id', '=', anyOf(deviceIds))
      .execute()
  }
  const rows = await transaction
    .deleteFrom('device')
    .where('user_nid', '=', userNid)
    .where('device_id', '=', anyOf(deviceIds))
    .returning('device_id')
    .execute()
  // After the devices: an upload of keys that comes at the same time finds no device any more.
  await deleteKeysOfDevices(transaction, userNid, deviceIds)
  return rows.map((row) => row.device_id)
}

/** Notes when devices were last seen. */
export async function recordSightings(queries: Queries, sightings: readonly DeviceSighting[]): Promise<void> {
  await sql`
    UPDATE device SET last_seen_ts = seen.ts, last_seen_ip = seen.address
      FROM unnest(
        ${sightings.map((seen) => seen.userNid)}::bigint[], ${sightings.map((seen) => seen.deviceId)}::text[],
        ${sightings.map((seen) => seen.seenTs)}::bigint[], ${sightings.map((seen) => seen.address)}::text[]
      ) AS seen(user_nid, device_id, ts, address)
     WHERE device.user_nid = seen.user_nid AND device.device_id = seen.device_id`.execute(queries)
}
