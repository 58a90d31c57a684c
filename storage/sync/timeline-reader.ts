import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** An event by its number, with its place in the room's history. */
export interface HistoryPlace {
  readonly eventNid: EventNid
  readonly historyPos: number
}

/** Which events of a room are asked for. Only those up to `upTo` in the stream count. */
export interface TimelineRange {
  readonly roomNid: RoomNid
  /** Only what came after it; undefined for the whole history, what came by backfill with it. */
  readonly after: StreamPosition | undefined
  readonly upTo: StreamPosition
  /** Only what stands before this place in the history. */
  readonly beforeHistory: number | undefined
}

interface PlaceRow {
  readonly room_nid: RoomNid
  readonly event_nid: EventNid
  readonly history_pos: number
}

/** Larger than any place in a history. */
const NO_BOUND = Number.MAX_SAFE_INTEGER

/** The newest events of each range, newest first, at most `limit` of each. One query whatever the number. */
export async function newestPlaces(
  queries: Queries,
  ranges: readonly TimelineRange[],
  limit: number,
): Promise<Map<RoomNid, HistoryPlace[]>> {
  const [ranged, whole] = [
    ranges.filter((range) => range.after !== undefined),
    ranges.filter((range) => range.after === undefined),
  ]
  const rows = [...(await livePlaces(queries, ranged, limit)), ...(await allPlaces(queries, whole, limit))]
  const places = new Map<RoomNid, HistoryPlace[]>(ranges.map(({ roomNid }) => [roomNid, []]))
  for (const row of rows) {
    places.get(row.room_nid)?.push({ eventNid: row.event_nid, historyPos: row.history_pos })
  }
  return places
}

async function livePlaces(
  queries: Queries,
  ranges: readonly TimelineRange[],
  limit: number,
): Promise<readonly PlaceRow[]> {
  if (ranges.length === 0) return []
  // Live events stand in the history in the order in which they came, so both orders agree here.
  const { rows } = await sql<PlaceRow>`
    SELECT r.room_nid, e.event_nid, e.history_pos
      FROM unnest(${ranges.map(({ roomNid }) => roomNid)}::bigint[], ${ranges.map(({ after }) => after)}::bigint[],
        ${ranges.map(({ upTo }) => upTo)}::bigint[],
        ${ranges.map(({ beforeHistory }) => beforeHistory ?? NO_BOUND)}::bigint[]
      ) AS r(room_nid, after, up_to, before_history)
      CROSS JOIN LATERAL (
        SELECT event_nid, history_pos FROM event
         WHERE event.room_nid = r.room_nid AND stream_pos > r.after AND stream_pos <= r.up_to
           AND history_pos < r.before_history
         ORDER BY stream_pos DESC LIMIT ${limit}
      ) AS e`.execute(queries)
  return rows
}

async function allPlaces(
  queries: Queries,
  ranges: readonly TimelineRange[],
  limit: number,
): Promise<readonly PlaceRow[]> {
  if (ranges.length === 0) return []
  const { rows } = await sql<PlaceRow>`
    SELECT r.room_nid, e.event_nid, e.history_pos
      FROM unnest(${ranges.map(({ roomNid }) => roomNid)}::bigint[], ${ranges.map(({ upTo }) => upTo)}::bigint[],
        ${ranges.map(({ beforeHistory }) => beforeHistory ?? NO_BOUND)}::bigint[]
      ) AS r(room_nid, up_to, before_history)
      CROSS JOIN LATERAL (
        SELECT event_nid, history_pos FROM event
         WHERE event.room_nid = r.room_nid AND history_pos < r.before_history
           AND (stream_pos IS NULL OR stream_pos <= r.up_to)
         ORDER BY history_pos DESC LIMIT ${limit}
      ) AS e`.execute(queries)
  return rows
}
