import type { GeneratedAlways } from 'kysely'
import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'

/** What a user has reported: an event of a room, a room, or a user. */
export interface ReportTable {
  report_id: GeneratedAlways<number>
  received_ts: number
  reporter_nid: UserNid
  room_nid: RoomNid | null
  event_nid: EventNid | null
  reported_user_nid: UserNid | null
  reason: string | null
}
