import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'

/**
 * Marks an event of another server, before it is written to its room: once it is there, the sender of transactions
 * passes it on to the other servers of the room. A crash between the two loses nothing.
 */
export async function markToRelay(
  queries: Queries,
  eventId: string,
  origin: string,
  now: number,
): Promise<void> {
  await queries
    .insertInto('event_to_relay')
    .values({ event_id: eventId, origin, marked_ts: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Which of these events are to be relayed, with the server that made each and has it already. */
export async function eventsToRelay(
  queries: Queries,
  eventIds: readonly string[],
): Promise<Map<string, string>> {
  if (eventIds.length === 0) return new Map()
  const rows = await queries
    .selectFrom('event_to_relay')
    .select(['event_id', 'origin'])
    .where('event_id', '=', anyOf(eventIds))
    .execute()
  return new Map(rows.map((row) => [row.event_id, row.origin]))
}

/** Forgets the marks of events that are on their way, or were refused. */
export async function removeRelayMarks(queries: Queries, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return
  await queries.deleteFrom('event_to_relay').where('event_id', '=', anyOf(eventIds)).execute()
}
