import { findAccount } from '../../storage/accounts/account-reader.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { setOAuthSession } from '../../storage/oauth/oauth-sessions.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { startSession, type GrantedTokens } from '../accounts/start-session.ts'
import { clientTitle } from './client-metadata.ts'
import type { OAuthClient } from './clients.ts'
import { OAuthError } from './oauth-error.ts'
import { readScope } from './scope.ts'

/** Device names have at most so many characters. */
const MAX_DEVICE_NAME_LENGTH = 100

/** What the token endpoint answers (RFC 6749 §5.1). */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in?: number
  readonly refresh_token?: string
  readonly scope: string
}

/**
 * Logs a user in on the device of the scope that was granted.
 *
 * @param address where the request comes from.
 * @throws OAuthError invalid_grant when the account has been closed or locked meanwhile.
 */
export async function startGrantedSession(
  accounts: Accounts,
  client: OAuthClient,
  grant: { userNid: UserNid; scope: string; ssoSession: Buffer | null },
  address: string,
): Promise<TokenAnswer> {
  const userId = (await accounts.interner.userIds([grant.userNid])).get(grant.userNid)
  const account = userId === undefined ? undefined : await findAccount(accounts.queries, userId)
  if (!account || account.deactivated || account.locked) {
    throw new OAuthError('invalid_grant', 'The account cannot be used any more')
  }
  const { deviceId } = readScope(grant.scope)
  const displayName = Array.from(clientTitle(client.metadata))
    .slice(0, MAX_DEVICE_NAME_LENGTH / 2)
    .join('')
  const ssoSession = grant.ssoSession ?? undefined
  const wish = { deviceId, displayName, refreshable: true, ssoSession }
  const granted = await startSession(accounts, account, wish, address)
  await setOAuthSession(accounts.queries, account.userNid, deviceId, {
    clientId: client.clientId,
    scope: grant.scope,
  })
  accounts.sessions.forget(account.userNid, [deviceId])
  return tokenAnswer(granted, grant.scope)
}

/** Tokens in the form of OAuth 2.0. */
export function tokenAnswer(granted: GrantedTokens, scope: string): TokenAnswer {
  return {
    access_token: granted.access_token,
    token_type: 'Bearer',
    ...(granted.expires_in_ms !== undefined && { expires_in: Math.floor(granted.expires_in_ms / 1000) }),
    ...(granted.refresh_token !== undefined && { refresh_token: granted.refresh_token }),
    scope,
  }
}
