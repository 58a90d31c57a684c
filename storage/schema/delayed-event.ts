import type { GeneratedAlways } from 'kysely'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** An event that waits for its time, or what became of it. */
export interface DelayedEventTable {
  delayed_event_nid: GeneratedAlways<number>
  /** A secret: who knows it may manage the event. */
  delay_id: string
  user_nid: UserNid
  device_id: string
  request_hash: Buffer | null
  room_nid: RoomNid
  draft: string
  delay_ms: number
  delayed_since_ts: number
  due_ts: number
  finalised_ts: number | null
  event_id: string | null
  error: string | null
}
