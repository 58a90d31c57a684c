import { findLinkedUser } from '../../storage/sso/links.ts'
import {
  devicesOfSsoSession,
  endSignInsOf,
  expireDeviceTokens,
  type SsoDevice,
} from '../../storage/sso/sso-sessions.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { removeDevices } from '../accounts/devices.ts'
import type { BackchannelLogout, OidcProvider } from '../config/sections/oidc.ts'
import { ssoSessionOf } from './sso-session.ts'
import { renderTemplate, type Claims } from './template.ts'

/**
 * Logs out what was signed in under a session of a provider: browsers, and clients with their devices, or softly, where
 * the device stays and may log in again.
 */
export async function endSsoSession(
  accounts: Accounts,
  provider: OidcProvider,
  logout: BackchannelLogout,
  claims: Claims,
): Promise<void> {
  const { queries, sessions } = accounts
  const ssoSession = ssoSessionOf(provider.id, claims)
  if (!ssoSession) return
  await endSignInsOf(queries, ssoSession)
  const devices = await devicesOfSsoSession(queries, ssoSession)
  for (const device of await concerned(accounts, provider, logout, claims, devices)) {
    if (!logout.isSoft) {
      await removeDevices(accounts, device, [device.deviceId])
      continue
    }
    await expireDeviceTokens(queries, device, Date.now())
    sessions.forget(device.userNid, [device.deviceId])
  }
}

/** Where the token names its user too, nobody else is logged out by it. */
async function concerned(
  { queries }: Accounts,
  { id, mapping }: OidcProvider,
  { ignoresSubject }: BackchannelLogout,
  claims: Claims,
  devices: readonly SsoDevice[],
): Promise<readonly SsoDevice[]> {
  if (ignoresSubject || claims['sub'] === undefined) return devices
  const linked = await findLinkedUser(queries, id, renderTemplate(mapping.subject, claims))
  return devices.filter(({ userNid }) => userNid === linked?.userNid)
}
