import type { Generated } from 'kysely'
import type { RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Joins whose answer left out the members of the room. */
export interface PartialJoinTable {
  room_nid: RoomNid
  /** The servers in the room, as the resident server told. */
  servers: string[]
  begun_pos: StreamPosition
  begun_ts: number
  /** Events of the state and its auth chain, once a server has told how many there are. */
  events_expected: number | null
  events_fetched: Generated<number>
  /** When no server could tell the members for so long that the search was given up. */
  given_up_ts: number | null
  completed_pos: StreamPosition | null
  completed_ts: number | null
}
