import type { UserNid } from '../numeric-ids.ts'

/** Profile fields of local users; `value` is JSON text. */
export interface ProfileFieldTable {
  user_nid: UserNid
  field: string
  value: string
}
