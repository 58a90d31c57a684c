import type { UserNid } from '../numeric-ids.ts'

/** What is given out once a device's one-time keys of an algorithm are used up. */
export interface FallbackKeyTable {
  user_nid: UserNid
  device_id: string
  algorithm: string
  key_id: string
  /** JSON text: a text or an object. */
  content: string
  used: boolean
}
