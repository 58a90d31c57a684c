import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'

/**
 * The ids of everything that can be reached from `eventIds` along auth edges inside the room, themselves
 * included, as far as it is stored here. One query however deep the chain is.
 */
export async function authChainIds(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<string[]> {
  if (eventIds.length === 0) return []
  const { rows } = await sql<{ event_id: string }>`
    WITH RECURSIVE chain(event_id) AS (
      SELECT unnest(${eventIds}::text[])
      UNION
      SELECT unnest(event.auth_event_ids) FROM chain JOIN event USING (event_id) WHERE event.room_nid = ${roomNid}
    )
    SELECT event_id FROM chain`.execute(queries)
  return rows.map((row) => row.event_id)
}

/** An event with what it names in `auth_events`. */
export interface AuthEdgesRow {
  readonly eventNid: EventNid
  readonly eventId: string
  readonly authEvents: readonly string[]
}

/** The events `nids` and `ids` and everything in their auth chains, as far as they are stored here. */
export async function authEdgesBelow(
  queries: Queries,
  roomNid: RoomNid,
  starts: { readonly nids: readonly EventNid[]; readonly ids: readonly string[] },
): Promise<AuthEdgesRow[]> {
  const { rows } = await sql<AuthEdgesRow>`
    WITH RECURSIVE chain(event_id) AS (
      (SELECT event_id FROM event WHERE room_nid = ${roomNid} AND event_nid = ANY(${starts.nids}::bigint[])
       UNION SELECT unnest(${starts.ids}::text[]))
      UNION
      SELECT unnest(event.auth_event_ids) FROM chain JOIN event USING (event_id) WHERE event.room_nid = ${roomNid}
    )
    SELECT event_nid AS "eventNid", event_id AS "eventId", auth_event_ids AS "authEvents"
      FROM chain JOIN event USING (event_id) WHERE event.room_nid = ${roomNid}`.execute(queries)
  return rows
}
