import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid } from '../numeric-ids.ts'
import type { FoundEvent } from './event-search-reader.ts'

/** An event of a room's history near a found one. */
export interface NearbyPlace {
  readonly foundNid: EventNid
  readonly eventNid: EventNid
  readonly historyPos: number
}

/** The events around found ones, in the order of history. One query whatever their number. */
export async function surroundings(
  queries: Queries,
  found: readonly Pick<FoundEvent, 'roomNid' | 'eventNid' | 'historyPos'>[],
  before: number,
  after: number,
): Promise<NearbyPlace[]> {
  if (found.length === 0 || before + after === 0) return []
  const { rows } = await sql<NearbyPlace>`
    SELECT f.event_nid AS "foundNid", near.event_nid AS "eventNid", near.history_pos AS "historyPos"
      FROM unnest(
        ${found.map(({ roomNid }) => roomNid)}::bigint[], ${found.map(({ eventNid }) => eventNid)}::bigint[],
        ${found.map(({ historyPos }) => historyPos)}::bigint[]
      ) AS f(room_nid, event_nid, history_pos)
     CROSS JOIN LATERAL (
       (SELECT event_nid, history_pos FROM event
         WHERE room_nid = f.room_nid AND history_pos < f.history_pos ORDER BY history_pos DESC LIMIT ${before})
       UNION ALL
       (SELECT event_nid, history_pos FROM event
         WHERE room_nid = f.room_nid AND history_pos > f.history_pos ORDER BY history_pos LIMIT ${after})
     ) AS near
     ORDER BY near.history_pos`.execute(queries)
  return rows
}
