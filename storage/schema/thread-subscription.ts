import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** What users have made of threads (MSC4306). */
export interface ThreadSubscriptionTable {
  user_nid: UserNid
  room_nid: RoomNid
  root_event_id: string
  subscribed: boolean
  /** Whether the client subscribed of its own accord. */
  automatic: boolean
  /** The newest place of the room's history when the user left the thread; null while subscribed. */
  left_at: number | null
  stream_pos: StreamPosition
}
