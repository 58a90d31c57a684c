import type { UserNid } from '../numeric-ids.ts'

/** Which account an identity of a provider signs in to. Timestamps in ms. */
export interface SsoLinkTable {
  idp_id: string
  subject: string
  user_nid: UserNid
  created_ts: number
}
