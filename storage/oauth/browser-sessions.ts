import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A browser that is signed in to the server's own pages. */
export interface BrowserSession {
  readonly userNid: UserNid
  readonly userId: string
  /** Of the password hash that the account had at the time. */
  readonly credentialHash: Buffer
  /** The one that it has now. */
  readonly passwordHash: string | null
  /** Milliseconds since the epoch. */
  readonly createdTs: number
  readonly ssoSession: Buffer | null
}

/** A browser session about to begin. */
export interface NewBrowserSession {
  readonly userNid: UserNid
  readonly credentialHash: Buffer
  readonly createdTs: number
  /** Under which session of an identity provider the user has signed in. */
  readonly ssoSession: Buffer | undefined
}

/** Stores one. */
export async function insertBrowserSession(
  queries: Queries,
  tokenHash: Buffer,
  session: NewBrowserSession,
): Promise<void> {
  await queries
    .insertInto('browser_session')
    .values({
      token_hash: tokenHash,
      user_nid: session.userNid,
      credential_hash: session.credentialHash,
      created_ts: session.createdTs,
      sso_session: session.ssoSession ?? null,
    })
    .execute()
}

/** A session of an account that may be used; undefined when there is none. */
export async function findBrowserSession(
  queries: Queries,
  tokenHash: Buffer,
): Promise<BrowserSession | undefined> {
  return queries
    .selectFrom('browser_session as session')
    .innerJoin('account', 'account.user_nid', 'session.user_nid')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'session.user_nid')
    .select([
      'session.user_nid as userNid',
      'matrix_user.user_id as userId',
      'session.credential_hash as credentialHash',
      'account.password_hash as passwordHash',
      'session.created_ts as createdTs',
      'session.sso_session as ssoSession',
    ])
    .where('session.token_hash', '=', tokenHash)
    .where('account.deactivated', '=', false)
    .where('account.locked', '=', false)
    .executeTakeFirst()
}

/** Ends one. */
export async function deleteBrowserSession(queries: Queries, tokenHash: Buffer): Promise<void> {
  await queries.deleteFrom('browser_session').where('token_hash', '=', tokenHash).execute()
}
