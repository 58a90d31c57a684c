import type { RoomNid, ServerNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** A span of a room's events that a server has not been told yet; without `until_pos` it goes on. */
export interface DestinationBacklogTable {
  server_nid: ServerNid
  room_nid: RoomNid
  after_pos: StreamPosition
  until_pos: StreamPosition | null
}
