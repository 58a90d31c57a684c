import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A device that was logged in by OAuth 2.0. */
export interface OAuthSession {
  readonly clientId: string
  readonly scope: string
}

/** Notes that a device was logged in by a client, in place of what was known before. */
export async function setOAuthSession(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
  session: OAuthSession,
): Promise<void> {
  const values = { client_id: session.clientId, scope: session.scope }
  await queries
    .insertInto('oauth_session')
    .values({ user_nid: userNid, device_id: deviceId, ...values })
    .onConflict((conflict) => conflict.columns(['user_nid', 'device_id']).doUpdateSet(values))
    .execute()
}

/** The OAuth session of a device; undefined when it was logged in otherwise. */
export async function findOAuthSession(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
): Promise<OAuthSession | undefined> {
  return queries
    .selectFrom('oauth_session')
    .select(['client_id as clientId', 'scope'])
    .where('user_nid', '=', userNid)
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
}
