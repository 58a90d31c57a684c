import type { Generated } from 'kysely'
import type { UserNid } from '../numeric-ids.ts'

/** A connection of sliding sync, with its two newest positions. */
export interface SlidingSyncConnectionTable {
  connection_nid: Generated<number>
  user_nid: UserNid
  device_id: string
  conn_id_hash: Buffer
  position: number
  /** JSON text: what all rooms of the connection have in common. */
  shared: string
  previous_position: number | null
  previous_shared: string | null
  /** Milliseconds since the epoch. */
  last_used_ts: number
}
