import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'

/** A place in the list of redacted events whose bytes are whole; nothing comes before the first. */
export interface UncensoredPlace {
  readonly redactedBy: EventNid
  readonly eventNid: EventNid
}

/** A redacted event whose bytes are whole. */
export interface UncensoredEvent extends UncensoredPlace {
  readonly roomNid: RoomNid
  readonly eventId: string
  readonly roomVersion: string | null
  readonly pdu: Buffer
}

/**
 * Redacted events whose bytes are whole, by their redactions.
 *
 * @param redactedBefore milliseconds since the epoch by which this server had the redaction.
 * @param after the last one of the page before.
 */
export async function uncensoredEvents(
  queries: Queries,
  redactedBefore: number,
  after: UncensoredPlace | undefined,
  limit: number,
): Promise<UncensoredEvent[]> {
  return queries
    .selectFrom('event')
    .innerJoin('event as redaction', (join) =>
      join
        .onRef('redaction.room_nid', '=', 'event.room_nid')
        .onRef('redaction.event_nid', '=', 'event.redacted_by'),
    )
    .innerJoin('room', 'room.room_nid', 'event.room_nid')
    .select([
      'event.room_nid as roomNid',
      'event.event_nid as eventNid',
      'event.event_id as eventId',
      'redaction.event_nid as redactedBy',
      'event.pdu',
      'room.room_version as roomVersion',
    ])
    .where('event.redacted_by', 'is not', null)
    .where(sql<boolean>`NOT event.censored`)
    .where('redaction.received_ts', '<', redactedBefore)
    .$if(after !== undefined, (query) =>
      query.where(
        sql<boolean>`(event.redacted_by, event.event_nid) > (${after?.redactedBy}::bigint, ${after?.eventNid}::bigint)`,
      ),
    )
    .orderBy('event.redacted_by')
    .orderBy('event.event_nid')
    .limit(limit)
    .execute()
}
