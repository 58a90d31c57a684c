import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Stores a token. `expiresTs` in milliseconds since the epoch. */
export async function insertOpenIdToken(
  queries: Queries,
  tokenHash: Buffer,
  userNid: UserNid,
  expiresTs: number,
): Promise<void> {
  await queries
    .insertInto('openid_token')
    .values({ token_hash: tokenHash, user_nid: userNid, expires_ts: expiresTs })
    .execute()
}

/** The id of the user whose token it is; undefined for one that is unknown, has expired, or whose account is not open. */
export async function userOfOpenIdToken(
  queries: Queries,
  tokenHash: Buffer,
  now: number,
): Promise<string | undefined> {
  const row = await queries
    .selectFrom('openid_token')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'openid_token.user_nid')
    .innerJoin('account', 'account.user_nid', 'openid_token.user_nid')
    .select('matrix_user.user_id')
    .where('token_hash', '=', tokenHash)
    .where('expires_ts', '>', now)
    .where('account.deactivated', '=', false)
    .where('account.locked', '=', false)
    .executeTakeFirst()
  return row?.user_id
}

/** Deletes the tokens that expired before `now`. */
export async function deleteExpiredOpenIdTokens(queries: Queries, now: number): Promise<void> {
  await queries.deleteFrom('openid_token').where('expires_ts', '<=', now).execute()
}
