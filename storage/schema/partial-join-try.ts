import type { RoomNid } from '../numeric-ids.ts'

/** Servers that could not be brought to tell the members of a partially joined room, each with its last failure. */
export interface PartialJoinTryTable {
  room_nid: RoomNid
  server_name: string
  tried_ts: number
  reason: string
}
