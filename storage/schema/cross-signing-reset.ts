import type { UserNid } from '../numeric-ids.ts'

/** Users who have allowed on the account page that their cross-signing keys are replaced. Timestamps in ms. */
export interface CrossSigningResetTable {
  user_nid: UserNid
  allowed_until_ts: number
}
