import type { Generated } from 'kysely'
import type { ServerNid } from '../numeric-ids.ts'

/** Servers, by number. Our own is one of them. */
export interface ServerTable {
  server_nid: Generated<ServerNid>
  server_name: string
}
