import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Stores a single-use login token. `expiresTs` in milliseconds since the epoch. */
export async function insertLoginToken(
  queries: Queries,
  tokenHash: Buffer,
  userNid: UserNid,
  expiresTs: number,
): Promise<void> {
  await queries
    .insertInto('login_token')
    .values({ token_hash: tokenHash, user_nid: userNid, expires_ts: expiresTs })
    .execute()
}

/** Uses a login token up. Returns its user, or undefined when it is unknown, used or expired. */
export async function takeLoginToken(
  queries: Queries,
  tokenHash: Buffer,
  now: number,
): Promise<UserNid | undefined> {
  const row = await queries
    .deleteFrom('login_token')
    .where('token_hash', '=', tokenHash)
    .returning(['user_nid', 'expires_ts'])
    .executeTakeFirst()
  return row && row.expires_ts > now ? row.user_nid : undefined
}

/** Deletes the login tokens that expired before `now`. */
export async function deleteExpiredLoginTokens(queries: Queries, now: number): Promise<void> {
  await queries.deleteFrom('login_token').where('expires_ts', '<=', now).execute()
}
