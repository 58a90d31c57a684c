import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Stores a single-use login token. `expiresTs` in milliseconds since the epoch. @param ssoSession of the identity provider under which it was made. */
export async function insertLoginToken(
  queries: Queries,
  tokenHash: Buffer,
  userNid: UserNid,
  expiresTs: number,
  ssoSession?: Buffer,
): Promise<void> {
  await queries
    .insertInto('login_token')
    .values({
      token_hash: tokenHash,
      user_nid: userNid,
      expires_ts: expiresTs,
      sso_session: ssoSession ?? null,
    })
    .execute()
}

/** Uses a login token up. Returns its user, or undefined when it is unknown, used or expired. */
export async function takeLoginToken(
  queries: Queries,
  tokenHash: Buffer,
  now: number,
): Promise<{ readonly userNid: UserNid; readonly ssoSession: Buffer | undefined } | undefined> {
  const row = await queries
    .deleteFrom('login_token')
    .where('token_hash', '=', tokenHash)
    .returning(['user_nid', 'expires_ts', 'sso_session'])
    .executeTakeFirst()
  return row && row.expires_ts > now
    ? { userNid: row.user_nid, ssoSession: row.sso_session ?? undefined }
    : undefined
}

/** Deletes the login tokens that expired before `now`. */
export async function deleteExpiredLoginTokens(queries: Queries, now: number): Promise<void> {
  await queries.deleteFrom('login_token').where('expires_ts', '<=', now).execute()
}
