import type { Queries } from '../database.ts'
import { deleteExpiredLoginTokens } from './login-tokens.ts'
import { deleteExpiredOpenIdTokens } from './openid-tokens.ts'
import { deleteUiaSessionsBefore } from './uia-sessions.ts'

/** Well above the lifetime of a session of user-interactive authentication. */
const UIA_SESSION_KEPT_MS = 3_600_000
/** For so long an expired access token is still known, so that its client learns it may log in softly. */
const EXPIRED_TOKEN_KEPT_MS = 30 * 24 * 3_600_000

/** Deletes what has expired. To be run every hour or so. @param now milliseconds since the epoch. */
export async function pruneAccounts(queries: Queries, now: number): Promise<void> {
  await deleteExpiredLoginTokens(queries, now)
  await deleteExpiredOpenIdTokens(queries, now)
  await deleteUiaSessionsBefore(queries, now - UIA_SESSION_KEPT_MS)
  await queries
    .deleteFrom('access_token')
    .where('expires_ts', '<', now - EXPIRED_TOKEN_KEPT_MS)
    .execute()
}
