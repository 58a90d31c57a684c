import type { RoomNid } from '../numeric-ids.ts'

/** What sets of states were resolved to. */
export interface StateResolutionTable {
  room_nid: RoomNid
  /** Hash of the algorithm and of the roots, in their order. */
  inputs: Buffer
  root: Buffer
  used_ts: number
}
