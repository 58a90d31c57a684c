import type { UserNid, RoomNid } from '../numeric-ids.ts'

/** Aliases of this server's own name. */
export interface RoomAliasTable {
  alias: string
  room_nid: RoomNid
  creator_nid: UserNid
  created_ts: number
}
