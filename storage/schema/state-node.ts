import type { RoomNid } from '../numeric-ids.ts'

/** Nodes of the state trie. */
export interface StateNodeTable {
  room_nid: RoomNid
  hash: Buffer
  body: Buffer
}
