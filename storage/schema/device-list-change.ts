import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** The log of changes of device lists; `device_id` is empty for cross-signing keys. */
export interface DeviceListChangeTable {
  stream_pos: StreamPosition
  user_nid: UserNid
  device_id: string
  /** Who alone sees the change, which is a signature of theirs on somebody's key; null for all. */
  viewer_nid: UserNid | null
  /** Where the row tells of no change: the room in which the user has met servers that know no device of theirs. */
  room_nid: RoomNid | null
}
