import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'

/** What one user has said in one thread. */
export interface ThreadSenderTable {
  room_nid: RoomNid
  root_event_id: string
  sender_nid: UserNid
  events: number
  /** The newest of them. */
  latest_pos: number
  latest_nid: EventNid
}
