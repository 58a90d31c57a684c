import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** How a user came into the present relation to a room. */
export interface RoomRelation {
  /** Who invited, kicked or banned the user, or the user. */
  readonly senderNid: UserNid
  /** Whether the user does not want to see the room any more. */
  readonly forgotten: boolean
}

/** How a user came into the present relation to rooms. */
export async function roomRelations(
  queries: Queries,
  userNid: UserNid,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, RoomRelation>> {
  if (roomNids.length === 0) return new Map()
  const rows = await queries
    .selectFrom('membership')
    .select(['room_nid', 'sender_nid', 'forgotten'])
    .where('user_nid', '=', userNid)
    .where('room_nid', '=', anyOf(roomNids))
    .execute()
  return new Map(rows.map((row) => [row.room_nid, { senderNid: row.sender_nid, forgotten: row.forgotten }]))
}
