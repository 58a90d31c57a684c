import type { RoomNid } from '../numeric-ids.ts'

/** How long rooms keep quiet in the mails of a pusher. All in ms. */
export interface MailPauseTable {
  pusher_nid: number
  room_nid: RoomNid
  until_ts: number
  pause_ms: number
  newest_ts: number
}
