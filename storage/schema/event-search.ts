import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'

/** The words of what a room's history says, for searches. */
export interface EventSearchTable {
  room_nid: RoomNid
  event_nid: EventNid
  /** Which part of an event it is: see `SEARCH_KEYS`. */
  key: number
  history_pos: number
  /** The event that gave the text: itself or an edit. */
  text_nid: EventNid
  /** Where that stands in the history. */
  text_pos: number
  /** Where the next edit stands. */
  replaced_pos: number | null
  origin_server_ts: number
  sender_nid: UserNid
  /** Those that the words were reduced by. */
  languages: string
  /** `tsvector` */
  vector: string
}
