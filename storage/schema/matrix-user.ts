import type { Generated } from 'kysely'
import type { ServerNid, UserNid } from '../numeric-ids.ts'

/** Users of every server that this one has met, by number. */
export interface MatrixUserTable {
  user_nid: Generated<UserNid>
  user_id: string
  server_nid: ServerNid
}
