import type { StreamPosition } from '../position/position.ts'

/** Up to where a sender has spread events to destinations, or noted that it has yet to. */
export interface OutboundCursorTable {
  sender: string
  stream_pos: StreamPosition
}
