import type { UserNid } from '../numeric-ids.ts'

/**
 * Access tokens by SHA-256. `replaces_refresh_hash` names the refresh token that the first use of this token
 * revokes. Timestamps in ms.
 */
export interface AccessTokenTable {
  token_hash: Buffer
  user_nid: UserNid
  device_id: string
  created_ts: number
  expires_ts: number | null
  replaces_refresh_hash: Buffer | null
}
