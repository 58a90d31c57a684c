import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Whom an access token speaks for. */
export interface TokenOwner {
  readonly userNid: UserNid
  readonly userId: string
  readonly deviceId: string
  readonly expiresTs: number | null
  readonly replacesRefreshHash: Buffer | null
  readonly admin: boolean
  readonly guest: boolean
  readonly locked: boolean
  readonly suspended: boolean
}

/** The owner of an access token; undefined when it is unknown or its account deactivated. */
export async function findTokenOwner(queries: Queries, tokenHash: Buffer): Promise<TokenOwner | undefined> {
  return queries
    .selectFrom('access_token')
    .innerJoin('account', 'account.user_nid', 'access_token.user_nid')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'access_token.user_nid')
    .select([
      'access_token.user_nid as userNid',
      'matrix_user.user_id as userId',
      'access_token.device_id as deviceId',
      'access_token.expires_ts as expiresTs',
      'access_token.replaces_refresh_hash as replacesRefreshHash',
      'account.admin',
      'account.guest',
      'account.locked',
      'account.suspended',
    ])
    .where('access_token.token_hash', '=', tokenHash)
    .where('account.deactivated', '=', false)
    .executeTakeFirst()
}

/** A refresh token's row. */
export interface StoredRefreshToken {
  readonly userNid: UserNid
  readonly userId: string
  readonly deviceId: string
  readonly locked: boolean
  /** Milliseconds since the epoch. */
  readonly createdTs: number
  readonly replacesRefreshHash: Buffer | null
}

/** A refresh token that may still be used, or undefined. */
export async function findRefreshToken(
  queries: Queries,
  tokenHash: Buffer,
): Promise<StoredRefreshToken | undefined> {
  return queries
    .selectFrom('refresh_token')
    .innerJoin('account', 'account.user_nid', 'refresh_token.user_nid')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'refresh_token.user_nid')
    .select([
      'refresh_token.user_nid as userNid',
      'matrix_user.user_id as userId',
      'account.locked',
      'refresh_token.created_ts as createdTs',
      'refresh_token.device_id as deviceId',
      'refresh_token.replaces_refresh_hash as replacesRefreshHash',
    ])
    .where('refresh_token.token_hash', '=', tokenHash)
    .where('account.deactivated', '=', false)
    .executeTakeFirst()
}
