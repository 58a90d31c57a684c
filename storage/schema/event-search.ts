import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'

/** The words of what a room's history says, for searches. */
export interface EventSearchTable {
  room_nid: RoomNid
  event_nid: EventNid
  /** Which part of an event it is: see `SEARCH_KEYS`. */
  key: number
  history_pos: number
  origin_server_ts: number
  sender_nid: UserNid
  /** Those that the words were reduced by. */
  languages: string
  /** `tsvector` */
  vector: string
}
