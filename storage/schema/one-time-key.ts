import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** One-time keys that nobody has claimed yet, in the order of upload. */
export interface OneTimeKeyTable {
  key_nid: Generated<number>
  user_nid: UserNid
  device_id: string
  algorithm: string
  key_id: string
  /** JSON text: a text or an object. */
  content: string
}
