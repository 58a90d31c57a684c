import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A device that was signed in under a session of a provider. */
export interface SsoDevice {
  readonly userNid: UserNid
  readonly userId: string
  readonly deviceId: string
}

/** Notes under which session of a provider a device was signed in; null for none. */
export async function setSsoSession(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
  ssoSession: Buffer | null,
): Promise<void> {
  await queries
    .updateTable('device')
    .set({ sso_session: ssoSession })
    .where('user_nid', '=', userNid)
    .where('device_id', '=', deviceId)
    .execute()
}

/** The devices that were signed in under a session of a provider. */
export async function devicesOfSsoSession(queries: Queries, ssoSession: Buffer): Promise<SsoDevice[]> {
  return queries
    .selectFrom('device')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'device.user_nid')
    .select(['device.user_nid as userNid', 'matrix_user.user_id as userId', 'device.device_id as deviceId'])
    .where('device.sso_session', '=', ssoSession)
    .execute()
}

/** Ends what stands under a session of a provider and is no device yet, of these users. */
export async function endSignInsOf(queries: Queries, ssoSession: Buffer): Promise<void> {
  for (const table of ['browser_session', 'login_token', 'oauth_code', 'oauth_device_code'] as const) {
    await queries.deleteFrom(table).where('sso_session', '=', ssoSession).execute()
  }
}

/** Ends a device's tokens so that its client learns that it may log in again on the same device. */
export async function expireDeviceTokens(
  queries: Queries,
  { userNid, deviceId }: Pick<SsoDevice, 'userNid' | 'deviceId'>,
  now: number,
): Promise<void> {
  await queries
    .updateTable('access_token')
    .set({ expires_ts: now })
    .where('user_nid', '=', userNid)
    .where('device_id', '=', deviceId)
    .execute()
  await queries
    .deleteFrom('refresh_token')
    .where('user_nid', '=', userNid)
    .where('device_id', '=', deviceId)
    .execute()
}
