import type { Generated } from 'kysely'
import type { RoomNid } from '../numeric-ids.ts'

/** Rooms, by number. `room_version` is null while only an invite to the room is known. */
export interface RoomTable {
  room_nid: Generated<RoomNid>
  room_id: string
  room_version: string | null
}
