import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'

/** The event at one place of a room's current state. */
export async function currentStateAt(
  queries: Queries,
  roomNid: RoomNid,
  typeNid: TypeNid,
  stateKeyNid: StateKeyNid,
): Promise<EventNid | undefined> {
  const row = await queries
    .selectFrom('current_state')
    .select('event_nid')
    .where('room_nid', '=', roomNid)
    .where('type_nid', '=', typeNid)
    .where('state_key_nid', '=', stateKeyNid)
    .executeTakeFirst()
  return row?.event_nid
}

/** All events of a room's current state. */
export async function currentStateOf(queries: Queries, roomNid: RoomNid): Promise<EventNid[]> {
  const rows = await queries
    .selectFrom('current_state')
    .select('event_nid')
    .where('room_nid', '=', roomNid)
    .orderBy('event_nid')
    .execute()
  return rows.map((row) => row.event_nid)
}
