import { findRefreshToken } from '../../storage/accounts/token-reader.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { secretHash } from '../accounts/bearer-secrets.ts'
import { removeDevices } from '../accounts/devices.ts'

/**
 * Ends the session of an access or refresh token, whoever shows it (client-server API, "Token revocation": a leaked
 * token is revoked by whom it was leaked to as well). An unknown one is as good as revoked.
 */
export async function revokeToken(accounts: Accounts, token: string): Promise<void> {
  const owner =
    (await accounts.sessions.find(token)) ?? (await findRefreshToken(accounts.queries, secretHash(token)))
  if (owner?.deviceId !== undefined) await removeDevices(accounts, owner, [owner.deviceId])
}
