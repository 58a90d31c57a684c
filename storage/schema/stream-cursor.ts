import type { StreamPosition } from '../position/position.ts'

/** How far those who follow the stream at their own pace have come. */
export interface StreamCursorTable {
  consumer: string
  stream_pos: StreamPosition
}
