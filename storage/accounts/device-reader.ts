import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A logged-in client. */
export interface Device {
  readonly deviceId: string
  readonly displayName: string | null
  /** Milliseconds since the epoch, to some minutes. */
  readonly lastSeenTs: number | null
  readonly lastSeenIp: string | null
}

const COLUMNS = ['device_id', 'display_name', 'last_seen_ts', 'last_seen_ip'] as const

interface Row {
  device_id: string
  display_name: string | null
  last_seen_ts: number | null
  last_seen_ip: string | null
}

function toDevice(row: Row): Device {
  return {
    deviceId: row.device_id,
    displayName: row.display_name === null ? null : String(JSON.parse(row.display_name)),
    lastSeenTs: row.last_seen_ts,
    lastSeenIp: row.last_seen_ip,
  }
}

/** All devices of a user, oldest first. */
export async function devicesOf(queries: Queries, userNid: UserNid): Promise<Device[]> {
  const rows = await queries
    .selectFrom('device')
    .select(COLUMNS)
    .where('user_nid', '=', userNid)
    .orderBy('created_ts')
    .orderBy('device_id')
    .execute()
  return rows.map(toDevice)
}

/** One device, or undefined. */
export async function findDevice(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
): Promise<Device | undefined> {
  const row = await queries
    .selectFrom('device')
    .select(COLUMNS)
    .where('user_nid', '=', userNid)
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
  return row && toDevice(row)
}
