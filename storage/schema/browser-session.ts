import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/**
 * Browsers that are signed in to the server's own pages, by the SHA-256 of their cookie. `credential_hash` is that of
 * the stored password hash at the time. Timestamps in ms.
 */
export interface BrowserSessionTable {
  token_hash: Buffer
  user_nid: UserNid
  credential_hash: Buffer
  created_ts: number
  /** Under which session of an identity provider: SHA-256 of both. */
  sso_session: Generated<Buffer | null>
}
