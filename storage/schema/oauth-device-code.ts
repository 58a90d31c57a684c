import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** Device authorisations under way (RFC 8628). `granted` is null until somebody has decided. Timestamps in ms. */
export interface OAuthDeviceCodeTable {
  code_hash: Buffer
  user_code: string
  client_id: string
  scope: string
  created_ts: number
  polled_ts: Generated<number>
  user_nid: Generated<UserNid | null>
  granted: Generated<boolean | null>
}
