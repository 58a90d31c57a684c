import type { UserNid } from '../numeric-ids.ts'

/** Tokens that tell other services who a user is, by SHA-256. */
export interface OpenIdTokenTable {
  token_hash: Buffer
  user_nid: UserNid
  expires_ts: number
}
