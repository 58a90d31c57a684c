import type { ServerNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Servers that may have to be told of changes after a position. A server that has been told everything has no row. */
export interface DeviceListDestinationTable {
  server_nid: ServerNid
  after_pos: StreamPosition
}
