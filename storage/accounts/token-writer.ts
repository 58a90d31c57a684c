import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Tokens about to be given to a device. */
export interface NewTokens {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly accessHash: Buffer
  readonly expiresTs: number | null
  readonly refreshHash: Buffer | null
  /** The refresh token that the first use of these revokes. */
  readonly replacesRefreshHash: Buffer | null
  readonly createdTs: number
}

/** Stores an access token and, when there is one, its refresh token. */
export async function insertTokens(queries: Queries, tokens: NewTokens): Promise<void> {
  const owner = { user_nid: tokens.userNid, device_id: tokens.deviceId, created_ts: tokens.createdTs }
  const replaces = { replaces_refresh_hash: tokens.replacesRefreshHash }
  await queries
    .insertInto('access_token')
    .values({ ...owner, ...replaces, token_hash: tokens.accessHash, expires_ts: tokens.expiresTs })
    .execute()
  if (!tokens.refreshHash) return
  await queries
    .insertInto('refresh_token')
    .values({ ...owner, ...replaces, token_hash: tokens.refreshHash })
    .execute()
}

/** Deletes every token of a device, as a new login on it does. */
export async function deleteDeviceTokens(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
): Promise<void> {
  for (const table of ['access_token', 'refresh_token', 'oauth_session'] as const) {
    await queries
      .deleteFrom(table)
      .where('user_nid', '=', userNid)
      .where('device_id', '=', deviceId)
      .execute()
  }
}

/** Revokes the refresh token whose successor has been used, and forgets that it was to be revoked. */
export async function revokeReplacedRefreshToken(queries: Queries, replaced: Buffer): Promise<void> {
  await queries.deleteFrom('refresh_token').where('token_hash', '=', replaced).execute()
}
