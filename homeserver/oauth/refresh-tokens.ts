import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findRefreshToken } from '../../storage/accounts/token-reader.ts'
import { findOAuthSession } from '../../storage/oauth/oauth-sessions.ts'
import { findSpentToken, noteSpentToken } from '../../storage/oauth/spent-tokens.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { secretHash } from '../accounts/bearer-secrets.ts'
import { removeDevices } from '../accounts/devices.ts'
import { refreshSession } from '../accounts/refresh-session.ts'
import type { OAuthClient } from './clients.ts'
import { OAuthError } from './oauth-error.ts'
import { tokenAnswer, type TokenAnswer } from './session-of-grant.ts'

/**
 * Exchanges a refresh token (client-server API, "Refresh token grant"). It stays good until one of the new tokens is
 * used, so that a client that never got the answer can ask again; when it comes back after that, somebody else has a
 * copy, and the session ends.
 *
 * @throws OAuthError invalid_grant.
 */
export async function refreshTokens(
  accounts: Accounts,
  client: OAuthClient,
  refreshToken: string,
): Promise<TokenAnswer> {
  const { queries } = accounts
  const tokenHash = secretHash(refreshToken)
  const stored = await findRefreshToken(queries, tokenHash)
  if (!stored) {
    const spent = await findSpentToken(queries, tokenHash)
    if (spent?.clientId === client.clientId) await removeDevices(accounts, spent, [spent.deviceId])
    throw invalidGrant()
  }
  const session = await findOAuthSession(queries, stored.userNid, stored.deviceId)
  if (session?.clientId !== client.clientId) throw invalidGrant()
  await noteSpentToken(queries, tokenHash, stored.userNid, stored.deviceId, Date.now())
  try {
    return tokenAnswer(await refreshSession(accounts, refreshToken), session.scope)
  } catch (error) {
    throw error instanceof MatrixError ? invalidGrant() : error
  }
}

function invalidGrant(): OAuthError {
  return new OAuthError('invalid_grant', 'The refresh token is unknown, used or too old; log in again')
}
