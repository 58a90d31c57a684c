import type { Generated } from 'kysely'
import type { StateKeyNid } from '../numeric-ids.ts'

/** State keys, by number, as UTF-8. */
export interface StateKeyTable {
  state_key_nid: Generated<StateKeyNid>
  state_key: Buffer
}
