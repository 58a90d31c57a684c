import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** Single-use tokens of the `m.login.token` flow, by SHA-256. */
export interface LoginTokenTable {
  token_hash: Buffer
  user_nid: UserNid
  expires_ts: number
  /** Under which session of an identity provider: SHA-256 of both. */
  sso_session: Generated<Buffer | null>
}
