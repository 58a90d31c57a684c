import type { UserNid } from '../numeric-ids.ts'
import type { StreamWriteKind } from '../position/stream-write.ts'

/** A device of this server. */
export interface LocalDevice {
  readonly userNid: UserNid
  readonly deviceId: string
}

/**
 * Keys of devices have been given out. Nothing is stored: every answer counts what is there, and only those who wait
 * while it happens are told at once.
 */
export const KEY_STOCK_CHANGE: StreamWriteKind<readonly LocalDevice[]> = {
  name: 'key-stock-change',
  after: () => [],
}
