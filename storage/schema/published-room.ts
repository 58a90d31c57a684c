import type { Generated } from 'kysely'
import type { RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Rooms of the public directory, and what it says of them. `summary` is JSON text, `room_type` UTF-8. */
export interface PublishedRoomTable {
  room_nid: RoomNid
  facts_pos: StreamPosition
  /** Whether the general directory lists it, beside those of networks. */
  general: Generated<boolean>
  listed: boolean
  federated: boolean
  joined: number
  room_type: Buffer | null
  search_text: string
  summary: Buffer
}
