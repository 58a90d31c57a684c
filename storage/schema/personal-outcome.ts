import type { UserNid, RoomNid, EventNid } from '../numeric-ids.ts'

/** What events are to single users, where that is something else than what they are to everybody. */
export interface PersonalOutcomeTable {
  user_nid: UserNid
  room_nid: RoomNid
  history_pos: number
  event_nid: EventNid
  thread: string
  /** Whether it counts for everybody. */
  counted: boolean
  /** Whether it stands out for everybody. */
  to_room: boolean
  notify: boolean
  highlight: boolean
}
