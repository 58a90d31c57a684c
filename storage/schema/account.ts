import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** Users who live on this server. `password_hash` is null when nobody may log in by password. Timestamps in ms. */
export interface AccountTable {
  user_nid: UserNid
  password_hash: string | null
  admin: Generated<boolean>
  guest: Generated<boolean>
  deactivated: Generated<boolean>
  erased: Generated<boolean>
  locked: Generated<boolean>
  suspended: Generated<boolean>
  appservice_id: string | null
  created_ts: number
  /** The version of the policies that the user has accepted last. */
  consent_version: Generated<string | null>
  consent_ts: Generated<number | null>
}
