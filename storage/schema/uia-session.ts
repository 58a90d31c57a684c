import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** User-interactive authentications under way. `purpose` binds one to an endpoint and, where there is one, a user. */
export interface UiaSessionTable {
  session_id: string
  purpose: string
  completed: Generated<string[]>
  registration_token: string | null
  created_ts: number
  user_nid: UserNid | null
  address_proof: string | null
}
