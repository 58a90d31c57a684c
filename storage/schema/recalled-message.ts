import type { RoomNid } from '../numeric-ids.ts'

/** Messages of main timelines that were counted and then redacted. */
export interface RecalledMessageTable {
  room_nid: RoomNid
  history_pos: number
}
