import type { Generated } from 'kysely'
import type { ServerNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Messages that wait for a device, in their order. */
export interface ToDeviceMessageTable {
  user_nid: UserNid
  device_id: string
  seq: number
  stream_pos: StreamPosition
  /** JSON text as clients get it. */
  event: string
}

/** Where an answer ended that could not hold all: what comes after `through_seq` counts as of `stream_pos`. */
export interface ToDevicePageTable {
  user_nid: UserNid
  device_id: string
  through_seq: number
  stream_pos: StreamPosition
}

/** Requests that have been done, by hash. */
export interface ToDeviceRequestTable {
  request_hash: Buffer
  stream_pos: StreamPosition
  /** Milliseconds since the epoch. */
  expires_ts: number
}

/** Messages that wait for other servers, in their order. */
export interface ToDeviceOutboxTable {
  server_nid: ServerNid
  message_nid: Generated<number>
  /** JSON text of the content of `m.direct_to_device`. */
  edu: string
}
