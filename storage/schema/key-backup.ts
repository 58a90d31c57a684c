import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** Versions of users' backups of room keys. */
export interface KeyBackupTable {
  user_nid: UserNid
  version: number
  algorithm: string
  /** JSON text of an object; null when the version has been deleted. */
  auth_data: string | null
  /** How often its keys have changed. */
  etag: Generated<number>
  key_count: Generated<number>
}

/** Room keys in a backup. */
export interface BackedUpKeyTable {
  user_nid: UserNid
  version: number
  room_id: string
  session_id: string
  is_verified: boolean
  first_message_index: number
  forwarded_count: number
  /** JSON text of an object. */
  session_data: string
}
