import type { UserNid } from '../numeric-ids.ts'

/** What a device's idempotent request made, by the hash of endpoint and transaction id. */
export interface ClientTransactionTable {
  user_nid: UserNid
  device_id: string
  request_hash: Buffer
  event_id: string
  created_ts: number
  /** Null where no device is told of it. */
  transaction_id: string | null
}
