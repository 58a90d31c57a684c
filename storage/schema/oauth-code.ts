import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** Authorisation codes by SHA-256. A used one is kept for a while, so that a second use is noticed. */
export interface OAuthCodeTable {
  code_hash: Buffer
  client_id: string
  user_nid: UserNid
  scope: string
  redirect_uri: string
  challenge: string
  created_ts: number
  /** Under which session of an identity provider: SHA-256 of both. */
  sso_session: Generated<Buffer | null>
  used: Generated<boolean>
}
