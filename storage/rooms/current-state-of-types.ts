import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, TypeNid } from '../numeric-ids.ts'

/** The events of these types in a room's current state, whatever their state keys, `limit` at most. */
export async function currentStateOfTypes(
  queries: Queries,
  roomNid: RoomNid,
  typeNids: readonly TypeNid[],
  limit: number,
): Promise<EventNid[]> {
  const rows = await queries
    .selectFrom('current_state')
    .select('event_nid')
    .where('room_nid', '=', roomNid)
    .where('type_nid', '=', anyOf(typeNids))
    .orderBy('event_nid')
    .limit(limit)
    .execute()
  return rows.map((row) => row.event_nid)
}
