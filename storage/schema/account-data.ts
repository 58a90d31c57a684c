import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** What clients keep for a user; `content` is JSON text, null once deleted. */
export interface AccountDataTable {
  user_nid: UserNid
  /** 0 for what belongs to no room. */
  room_nid: RoomNid
  type: string
  content: string | null
  stream_pos: StreamPosition
}
