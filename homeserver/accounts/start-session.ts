import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isDeviceId } from '../../protocol/identifiers/device-id.ts'
import { recordSightings } from '../../storage/accounts/device-writer.ts'
import { deleteDeviceTokens, insertTokens } from '../../storage/accounts/token-writer.ts'
import type { Queries } from '../../storage/database.ts'
import { setSsoSession } from '../../storage/sso/sso-sessions.ts'
import type { Accounts } from './accounts.ts'
import { newAccessToken, newDeviceId, newRefreshToken, secretHash } from './bearer-secrets.ts'
import { addDevice, tellOfOusted } from './bound-devices.ts'
import { forgetSessions } from './device-farewells.ts'
import { checkDeviceName } from './devices.ts'
import type { LocalUser } from './sessions.ts'

/** What a client says about the device it logs in on. */
export interface DeviceWish {
  readonly deviceId?: string | undefined
  readonly displayName?: string | undefined
  /** Whether the client can refresh tokens. */
  readonly refreshable?: boolean
  /** Under which session of an identity provider the user has signed in: the device ends with it. */
  readonly ssoSession?: Buffer | undefined
}

/** What login, registration and refresh give to the client; absent fields are left out of the answer. */
export interface GrantedTokens {
  readonly access_token: string
  readonly device_id: string
  readonly refresh_token?: string
  readonly expires_in_ms?: number
}

/** @throws MatrixError 400 for an unusable device id or name. */
export function checkDeviceWish({ deviceId, displayName }: DeviceWish): void {
  if (deviceId !== undefined && !isDeviceId(deviceId)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'This is no usable device id')
  }
  if (displayName !== undefined) checkDeviceName(displayName)
}

/**
 * Logs a user in on a new device, or again on a known one, whose earlier tokens end (client-server API,
 * "Relationship between access tokens and devices").
 *
 * @param address where the request comes from: the device has been seen there now.
 * @throws MatrixError 400 for an unusable device id or name, 403 as `addDevice`.
 */
export async function startSession(
  accounts: Accounts,
  user: LocalUser,
  wish: DeviceWish,
  address: string,
): Promise<GrantedTokens> {
  checkDeviceWish(wish)
  const deviceId = wish.deviceId ?? newDeviceId()
  const displayName = wish.displayName ?? null
  const { granted, ousted } = await accounts.queries.transaction().execute(async (transaction) => {
    const { userNid } = user
    const seenTs = Date.now()
    const device = { deviceId, displayName, createdTs: seenTs }
    const { isNew, ousted } = await addDevice(accounts, transaction, user, device)
    if (!isNew) await deleteDeviceTokens(transaction, userNid, deviceId)
    if (!isNew || wish.ssoSession) {
      await setSsoSession(transaction, userNid, deviceId, wish.ssoSession ?? null)
    }
    await recordSightings(transaction, [{ userNid, deviceId, seenTs, address }])
    const options = { refreshable: wish.refreshable ?? false }
    return { granted: await grantTokens(accounts, transaction, user, deviceId, options), ousted }
  })
  forgetSessions(accounts, user, [deviceId])
  if (ousted) await tellOfOusted(accounts, user, ousted)
  return granted
}

/**
 * Makes and stores tokens for a device.
 *
 * @param options.replaces the hash of the refresh token that the first use of the new tokens revokes.
 */
export async function grantTokens(
  { login }: Accounts,
  queries: Queries,
  { userNid }: LocalUser,
  deviceId: string,
  options: { refreshable: boolean; replaces?: Buffer },
): Promise<GrantedTokens> {
  const now = Date.now()
  const accessToken = newAccessToken()
  const refreshToken = options.refreshable ? newRefreshToken() : undefined
  const lifetime = refreshToken ? login.refreshableAccessTokenLifetimeMs : login.accessTokenLifetimeMs
  await insertTokens(queries, {
    userNid,
    deviceId,
    accessHash: secretHash(accessToken),
    expiresTs: lifetime === undefined ? null : now + lifetime,
    refreshHash: refreshToken === undefined ? null : secretHash(refreshToken),
    replacesRefreshHash: options.replaces ?? null,
    createdTs: now,
  })
  return {
    access_token: accessToken,
    device_id: deviceId,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(lifetime !== undefined && { expires_in_ms: lifetime }),
  }
}
