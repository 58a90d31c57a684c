import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** Device authorisations under way (RFC 8628). `granted` is null until somebody has decided. Timestamps in ms. */
export interface OAuthDeviceCodeTable {
  code_hash: Buffer
  user_code: string
  client_id: string
  scope: string
  created_ts: number
  /** Under which session of an identity provider: SHA-256 of both. */
  sso_session: Generated<Buffer | null>
  polled_ts: Generated<number>
  user_nid: Generated<UserNid | null>
  granted: Generated<boolean | null>
}
