import type { Generated } from 'kysely'
import type { TypeNid } from '../numeric-ids.ts'

/** Event types, by number, as UTF-8. */
export interface EventTypeTable {
  type_nid: Generated<TypeNid>
  type: Buffer
}
