import type { Generated } from 'kysely'
import type { StreamPosition } from '../position/position.ts'

/** How far an application service has been told, and the transaction that it has not acknowledged. */
export interface AppserviceTransactionTable {
  appservice_id: string
  /** Everything up to here is told, or was not for it. */
  place: StreamPosition
  /** The number of the newest transaction. */
  number: Generated<number>
  /** JSON text. */
  body: Buffer | null
  /** How far the service is told once it has the transaction. */
  until_pos: StreamPosition | null
}
