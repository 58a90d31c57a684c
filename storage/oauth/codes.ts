import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** What a user has granted to a client that holds the code. */
export interface CodeGrant {
  readonly clientId: string
  readonly userNid: UserNid
  readonly scope: string
  readonly redirectUri: string
  /** PKCE: the base64url SHA-256 of the verifier. */
  readonly challenge: string
  /** Milliseconds since the epoch. */
  readonly createdTs: number
  /** Under which session of an identity provider it was granted. */
  readonly ssoSession: Buffer | null
}

/** Stores a code. */
export async function insertCode(queries: Queries, codeHash: Buffer, grant: CodeGrant): Promise<void> {
  await queries
    .insertInto('oauth_code')
    .values({
      code_hash: codeHash,
      client_id: grant.clientId,
      user_nid: grant.userNid,
      scope: grant.scope,
      redirect_uri: grant.redirectUri,
      challenge: grant.challenge,
      created_ts: grant.createdTs,
      sso_session: grant.ssoSession,
    })
    .execute()
}

/** A code and whether it has been exchanged already. */
export async function findCode(
  queries: Queries,
  codeHash: Buffer,
): Promise<(CodeGrant & { used: boolean }) | undefined> {
  return queries
    .selectFrom('oauth_code')
    .select([
      'client_id as clientId',
      'user_nid as userNid',
      'scope',
      'redirect_uri as redirectUri',
      'challenge',
      'created_ts as createdTs',
      'sso_session as ssoSession',
      'used',
    ])
    .where('code_hash', '=', codeHash)
    .executeTakeFirst()
}

/** Uses a code up. Of two callers one gets true. */
export async function useCode(queries: Queries, codeHash: Buffer): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('oauth_code')
    .set({ used: true })
    .where('code_hash', '=', codeHash)
    .where('used', '=', false)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Deletes a code, so that nobody can exchange it any more. */
export async function deleteCode(queries: Queries, codeHash: Buffer): Promise<void> {
  await queries.deleteFrom('oauth_code').where('code_hash', '=', codeHash).execute()
}
