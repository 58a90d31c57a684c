import type { UserNid } from '../numeric-ids.ts'

/** Refresh tokens of OAuth sessions that have been exchanged, by SHA-256. Timestamps in ms. */
export interface OAuthSpentTokenTable {
  token_hash: Buffer
  user_nid: UserNid
  device_id: string
  spent_ts: number
}
