import type { RoomNid } from '../numeric-ids.ts'

/** Events that other servers could not be brought to give: history that is missing, and received events without causes. */
export interface FailedPullTable {
  room_nid: RoomNid
  event_id: string
  /** The server that sent it to us, and whose return is a reason to ask again. */
  origin: string | null
  /** Failures in a row. */
  attempts: number
  /** When it may be asked for again. */
  retry_ts: number
}
