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

/** Which of `candidates` are among the events `startNids`, or in the auth chain of those or of `startIds`. */
export async function inAuthChainOf(
  queries: Queries,
  roomNid: RoomNid,
  starts: { readonly nids: readonly EventNid[]; readonly ids: readonly string[] },
  candidates: readonly string[],
): Promise<Set<string>> {
  if (candidates.length === 0) return new Set()
  const { rows } = await sql<{ event_id: string }>`
    WITH RECURSIVE chain(event_id) AS (
      (SELECT event_id FROM event WHERE room_nid = ${roomNid} AND event_nid = ANY(${starts.nids}::bigint[])
       UNION SELECT unnest(${starts.ids}::text[]))
      UNION
      SELECT unnest(event.auth_event_ids) FROM chain JOIN event USING (event_id) WHERE event.room_nid = ${roomNid}
    )
    SELECT event_id FROM chain WHERE event_id = ANY(${candidates}::text[])`.execute(queries)
  return new Set(rows.map((row) => row.event_id))
}
