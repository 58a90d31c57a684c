import type { UserNid } from '../numeric-ids.ts'

/** What users have had published at identity servers through this server. */
export interface IdentityBindingTable {
  user_nid: UserNid
  medium: 'email' | 'msisdn'
  address: string
  /** Its host, and its port where that is not the usual one. */
  id_server: string
}
