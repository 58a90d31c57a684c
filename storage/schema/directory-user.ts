import type { UserNid } from '../numeric-ids.ts'

/** What the user directory knows of users of this server and of others. */
export interface DirectoryUserTable {
  user_nid: UserNid
  local: boolean
  /** Whether everybody may find the user: who is in a room that is open to all. */
  listed: boolean
  /** JSON text. */
  display_name: string | null
  /** JSON text. */
  avatar_url: string | null
  /** `tsvector` */
  terms: string
}
