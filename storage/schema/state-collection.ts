import type { Generated } from 'kysely'
import type { RoomNid } from '../numeric-ids.ts'

/** When a room's dead state nodes are worth collecting. */
export interface StateCollectionTable {
  room_nid: RoomNid
  /** Changes of the current state since the last collection, as far as they have been counted. */
  changes: number
  /** Nodes that the last collection found alive: what it has to walk through. */
  live_nodes: Generated<number>
}
