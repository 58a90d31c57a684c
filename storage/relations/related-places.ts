import { sql, type RawBuilder } from 'kysely'
import type { Queries } from '../database.ts'
import type { Direction } from '../history/history-reader.ts'
import type { RoomNid, TypeNid } from '../numeric-ids.ts'
import type { HistoryPlace } from '../sync/timeline-reader.ts'

/** Which events are wanted: the children of an event, and theirs down to `depth`. */
export interface RelatedEvents {
  readonly roomNid: RoomNid
  readonly eventId: string
  /** Events that relate in another way lead nowhere either. */
  readonly relType: string | undefined
  readonly typeNid: TypeNid | undefined
  /** 1 for the children alone. */
  readonly depth: number
  /** Nothing beyond this gap; undefined for no end. */
  readonly to: number | undefined
}

/**
 * Events that relate to an event, in the order of the room's history.
 *
 * @param gap right after this place: `b` reads it and what is older, `f` what is newer.
 */
export async function relatedPlaces(
  queries: Queries,
  wanted: RelatedEvents,
  gap: number,
  direction: Direction,
  limit: number,
): Promise<HistoryPlace[]> {
  const { roomNid, eventId, depth, to } = wanted
  const order = direction === 'b' ? sql`DESC` : sql`ASC`
  const inRange =
    direction === 'b'
      ? sql`history_pos <= ${gap} AND history_pos > ${to ?? Number.MIN_SAFE_INTEGER}`
      : sql`history_pos > ${gap} AND history_pos <= ${to ?? Number.MAX_SAFE_INTEGER}`
  const page = sql`${inRange} ORDER BY history_pos ${order} LIMIT ${limit}`
  const children = sql`
    SELECT event_nid, history_pos, 1 AS depth FROM event_relation AS child
     WHERE room_nid = ${roomNid} AND parent_event_id = ${eventId} ${isWanted(wanted)}`
  const related = sql`
    WITH RECURSIVE related AS (
      ${children}
      UNION
      SELECT child.event_nid, child.history_pos, related.depth + 1
        FROM related
        JOIN event ON event.room_nid = ${roomNid} AND event.event_nid = related.event_nid
        JOIN event_relation AS child ON child.room_nid = ${roomNid} AND child.parent_event_id = event.event_id
       WHERE related.depth < ${depth} ${isWanted(wanted)}
    )
    SELECT DISTINCT event_nid, history_pos FROM related WHERE ${page}`
  const { rows } = await sql<{ event_nid: HistoryPlace['eventNid']; history_pos: number }>`${
    depth === 1 ? sql`${children} AND ${page}` : related
  }`.execute(queries)
  return rows.map((row) => ({ eventNid: row.event_nid, historyPos: row.history_pos }))
}

function isWanted({ relType, typeNid }: RelatedEvents): RawBuilder<unknown> {
  const ofRelation = relType === undefined ? sql`` : sql`AND child.rel_type = ${Buffer.from(relType, 'utf8')}`
  const ofType = typeNid === undefined ? sql`` : sql`AND child.type_nid = ${typeNid}`
  return sql`${ofRelation} ${ofType}`
}
