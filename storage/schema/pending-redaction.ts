import type { RoomNid, EventNid } from '../numeric-ids.ts'

/** Redactions whose target, or whose right to redact it, is not known yet. */
export interface PendingRedactionTable {
  room_nid: RoomNid
  target_event_id: string
  redaction_event_nid: EventNid
}
