import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'

/** The redacted form of an event, to take the place of its bytes. */
export interface CensoredEvent {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly pdu: Buffer
}

/**
 * Puts the redacted form in the place of redacted events' bytes, for good. A row that somebody else is writing is
 * passed over, so that this never waits with rows in hand, which a batch of new events could be waiting for.
 *
 * @returns the numbers of the events whose bytes were replaced.
 */
export async function censorEvents(
  queries: Queries,
  events: readonly CensoredEvent[],
): Promise<Set<EventNid>> {
  if (events.length === 0) return new Set()
  const { rows } = await sql<{ event_nid: EventNid }>`
    WITH mine AS (
      SELECT event.room_nid, event.event_nid, censored.pdu
        FROM event
        JOIN unnest(${events.map(({ roomNid }) => roomNid)}::bigint[],
                    ${events.map(({ eventNid }) => eventNid)}::bigint[],
                    ${events.map(({ pdu }) => pdu)}::bytea[]) AS censored(room_nid, event_nid, pdu)
          USING (room_nid, event_nid)
       WHERE event.redacted_by IS NOT NULL
         FOR UPDATE OF event SKIP LOCKED
    )
    UPDATE event SET pdu = mine.pdu, censored = true
      FROM mine
     WHERE event.room_nid = mine.room_nid AND event.event_nid = mine.event_nid
    RETURNING event.event_nid`.execute(queries)
  return new Set(rows.map((row) => row.event_nid))
}
