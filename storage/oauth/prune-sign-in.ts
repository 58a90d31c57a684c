import type { Queries } from '../database.ts'

/** Above the lifetime of codes, device codes and steps of a sign-in. */
const KEPT_MS = 3_600_000
/** Above the lifetime of a browser session. */
const BROWSER_SESSION_KEPT_MS = 24 * 3_600_000
/** Clients should register anew for each login; some come back with an id from their last one. */
const UNUSED_CLIENT_KEPT_MS = 90 * 24 * 3_600_000

/** Deletes what has expired of OAuth 2.0 and single sign-on. @param now milliseconds since the epoch. */
export async function pruneSignIn(queries: Queries, now: number): Promise<void> {
  await queries
    .deleteFrom('oauth_code')
    .where('created_ts', '<', now - KEPT_MS)
    .execute()
  await queries
    .deleteFrom('oauth_device_code')
    .where('created_ts', '<', now - KEPT_MS)
    .execute()
  await queries
    .deleteFrom('oauth_spent_token')
    .where('spent_ts', '<', now - KEPT_MS)
    .execute()
  await queries
    .deleteFrom('sso_step')
    .where('created_ts', '<', now - KEPT_MS)
    .execute()
  await queries
    .deleteFrom('browser_session')
    .where('created_ts', '<', now - BROWSER_SESSION_KEPT_MS)
    .execute()
  await queries.deleteFrom('cross_signing_reset').where('allowed_until_ts', '<', now).execute()
  await queries
    .deleteFrom('oauth_client')
    .where('registered_ts', '<', now - UNUSED_CLIENT_KEPT_MS)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('oauth_session')
            .select('oauth_session.client_id')
            .whereRef('oauth_session.client_id', '=', 'oauth_client.client_id'),
        ),
      ),
    )
    .execute()
}
