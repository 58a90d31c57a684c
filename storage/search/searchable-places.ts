import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, TypeNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** An event of some room. */
export interface EventPlace {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
}

/** Events of some types in a part of the stream, in its order. */
export async function newEventsOfTypes(
  queries: Queries,
  typeNids: readonly TypeNid[],
  range: { readonly after: StreamPosition; readonly until: StreamPosition; readonly limit: number },
): Promise<(EventPlace & { readonly position: StreamPosition })[]> {
  const rows = await queries
    .selectFrom('event')
    .select(['room_nid', 'event_nid', 'stream_pos'])
    .where('stream_pos', '>', range.after)
    .where('stream_pos', '<=', range.until)
    .where('type_nid', '=', anyOf(typeNids))
    .orderBy('stream_pos')
    .limit(range.limit)
    .execute()
  return rows.map((row) => ({ roomNid: row.room_nid, eventNid: row.event_nid, position: row.stream_pos! }))
}

/** What redactions have redacted. */
export async function redactedBy(queries: Queries, redactions: readonly EventNid[]): Promise<EventPlace[]> {
  if (redactions.length === 0) return []
  const rows = await queries
    .selectFrom('event')
    .select(['room_nid', 'event_nid'])
    .where('redacted_by', '=', anyOf(redactions))
    .where('censored', '=', false)
    .execute()
  return rows.map((row) => ({ roomNid: row.room_nid, eventNid: row.event_nid }))
}

/** Events that came by backfill, in the order of their numbers, which is that of arrival but for a few at a time. */
export async function backfilledEvents(
  queries: Queries,
  after: number,
  limit: number,
): Promise<EventPlace[]> {
  const rows = await queries
    .selectFrom('event')
    .select(['room_nid', 'event_nid'])
    .where('stream_pos', 'is', null)
    .where('history_pos', 'is not', null)
    .where('event_nid', '>', after as EventNid)
    .orderBy('event_nid')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ roomNid: row.room_nid, eventNid: row.event_nid }))
}
