import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findRefreshToken } from '../../storage/accounts/token-reader.ts'
import { revokeReplacedRefreshToken } from '../../storage/accounts/token-writer.ts'
import type { Accounts } from './accounts.ts'
import { secretHash } from './bearer-secrets.ts'
import { refuseLocked } from './refuse-locked.ts'
import { grantTokens, type GrantedTokens } from './start-session.ts'

/**
 * Exchanges a refresh token. The old one stays good until one of the new tokens is used, so that a client that
 * never got the answer can ask again (client-server API, "Refreshing access tokens").
 *
 * @throws MatrixError 401 M_UNKNOWN_TOKEN when it is unknown, used up or too old; 401 M_USER_LOCKED.
 */
export async function refreshSession(accounts: Accounts, refreshToken: string): Promise<GrantedTokens> {
  const hash = secretHash(refreshToken)
  const stored = await findRefreshToken(accounts.queries, hash)
  const lifetime = accounts.login.refreshTokenLifetimeMs
  if (!stored || (lifetime !== undefined && stored.createdTs + lifetime <= Date.now())) {
    throw new MatrixError(
      401,
      'M_UNKNOWN_TOKEN',
      'The refresh token is unknown or has expired; log in again',
      {
        soft_logout: stored !== undefined,
      },
    )
  }
  refuseLocked(stored)
  if (stored.replacesRefreshHash) {
    await revokeReplacedRefreshToken(accounts.queries, stored.replacesRefreshHash)
  }
  return grantTokens(accounts, accounts.queries, stored, stored.deviceId, {
    refreshable: true,
    replaces: hash,
  })
}
