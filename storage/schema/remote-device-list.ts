import type { UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Copies of device lists of users of other servers. Keys are canonical JSON. */
export interface RemoteDeviceListTable {
  user_nid: UserNid
  /** The other server's number of the last change that is in the copy. */
  stream_id: number
  /** Our position before the copy was asked for. */
  fetched_pos: StreamPosition
  /** Whether a change has been missed. */
  stale: boolean
  master_key: string | null
  self_signing_key: string | null
}

/** The devices of the copies. */
export interface RemoteDeviceTable {
  user_nid: UserNid
  device_id: string
  keys: string
}
