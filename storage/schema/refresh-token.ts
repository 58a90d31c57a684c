import type { UserNid } from '../numeric-ids.ts'

/** Refresh tokens by SHA-256. `replaces_refresh_hash` names the one that the first use of this one revokes. */
export interface RefreshTokenTable {
  token_hash: Buffer
  user_nid: UserNid
  device_id: string
  created_ts: number
  replaces_refresh_hash: Buffer | null
}
