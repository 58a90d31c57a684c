import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { HistoryPlace } from '../sync/timeline-reader.ts'

/** `b`: from new to old; `f`: from old to new. */
export type Direction = 'b' | 'f'

/**
 * A room's history from a gap on, in the direction given.
 *
 * @param gap right after this place: `b` reads it and what is older, `f` what is newer.
 */
export async function historyPlaces(
  queries: Queries,
  roomNid: RoomNid,
  gap: number,
  direction: Direction,
  limit: number,
): Promise<HistoryPlace[]> {
  const rows = await queries
    .selectFrom('event')
    .select(['event_nid', 'history_pos'])
    .where('room_nid', '=', roomNid)
    .where('history_pos', direction === 'b' ? '<=' : '>', gap)
    .orderBy('history_pos', direction === 'b' ? 'desc' : 'asc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ eventNid: row.event_nid, historyPos: row.history_pos! }))
}

/** The newest place of a room's history; undefined for a room without. */
export async function newestPlace(queries: Queries, roomNid: RoomNid): Promise<number | undefined> {
  const row = await queries
    .selectFrom('event')
    .select('history_pos')
    .where('room_nid', '=', roomNid)
    .where('history_pos', 'is not', null)
    .orderBy('history_pos', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.history_pos ?? undefined
}

/** The place after which a room's history was new to who had seen the stream up to `position`. */
export async function placeOfPosition(
  queries: Queries,
  roomNid: RoomNid,
  position: StreamPosition,
): Promise<number | undefined> {
  const { rows } = await sql<{ place: number | null }>`
    SELECT coalesce(
      (SELECT history_pos FROM event WHERE room_nid = ${roomNid} AND stream_pos <= ${position}
        ORDER BY stream_pos DESC LIMIT 1),
      (SELECT history_pos - 1 FROM event WHERE room_nid = ${roomNid} AND stream_pos > ${position}
        ORDER BY stream_pos LIMIT 1)
    ) AS place`.execute(queries)
  return rows[0]?.place ?? undefined
}

/**
 * Events of a stretch of history whose causes are not all here, newest first: what is missing stands before them.
 * Each with its place.
 *
 * @param newest highest place that counts; @param oldest lowest.
 */
export async function gapsBelow(
  queries: Queries,
  roomNid: RoomNid,
  newest: number,
  oldest: number,
  limit: number,
): Promise<{ readonly eventId: string; readonly place: number }[]> {
  const { rows } = await sql<{ eventId: string; place: number }>`
    SELECT event.event_id AS "eventId", history_pos AS place FROM event
     WHERE event.room_nid = ${roomNid} AND history_pos <= ${newest} AND history_pos >= ${oldest}
       AND EXISTS (SELECT FROM backward_extremity
                    WHERE room_nid = ${roomNid} AND child_event_nid = event.event_nid)
     ORDER BY history_pos DESC LIMIT ${limit}`.execute(queries)
  return rows
}

/** Where in the history of rooms a user's accepted events of one place stand, oldest first. */
export async function eventsOfPlace(
  queries: Queries,
  places: readonly { readonly roomNid: RoomNid; readonly typeNid: number; readonly stateKeyNid: number }[],
): Promise<{ readonly roomNid: RoomNid; readonly eventNid: EventNid }[]> {
  if (places.length === 0) return []
  const { rows } = await sql<{ roomNid: RoomNid; eventNid: EventNid }>`
    SELECT event.room_nid AS "roomNid", event_nid AS "eventNid"
      FROM event JOIN unnest(${places.map(({ roomNid }) => roomNid)}::bigint[],
        ${places.map(({ typeNid }) => typeNid)}::bigint[], ${places.map(({ stateKeyNid }) => stateKeyNid)}::bigint[]
      ) AS p(room_nid, type_nid, state_key_nid) USING (room_nid, type_nid, state_key_nid)
     WHERE event.state_key_nid IS NOT NULL
     ORDER BY history_pos NULLS FIRST`.execute(queries)
  return rows
}
