import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import { STORED_EVENT_COLUMNS, storedEvent, type StoredEvent } from '../events/stored-event.ts'
import type { RoomNid, TypeNid } from '../numeric-ids.ts'

/**
 * The events of one type in the current state of rooms, straight from the database: for those that are too many to be
 * worth a place among the cached ones.
 */
export async function currentEventsOfType(
  queries: Queries,
  roomNids: readonly RoomNid[],
  typeNid: TypeNid,
): Promise<StoredEvent[]> {
  if (roomNids.length === 0) return []
  const rows = await queries
    .selectFrom('current_state')
    .innerJoin('event', (join) =>
      join
        .onRef('event.room_nid', '=', 'current_state.room_nid')
        .onRef('event.event_nid', '=', 'current_state.event_nid'),
    )
    .innerJoin('room', 'room.room_nid', 'current_state.room_nid')
    .select(STORED_EVENT_COLUMNS)
    .where('current_state.room_nid', '=', anyOf(roomNids))
    .where('current_state.type_nid', '=', typeNid)
    .execute()
  return rows.map(storedEvent)
}
