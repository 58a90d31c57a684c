import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, TypeNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** When something last happened in a room. Undefined where nothing has that this server saw happen. */
export interface RoomActivity {
  readonly last: StreamPosition | undefined
  /** The newest event of those that clients order rooms by. */
  readonly bumped: StreamPosition | undefined
}

/** Rooms where nobody has spoken among so many events count as if somebody had at the oldest of them. */
const MAX_SCANNED = 200

/**
 * The newest activity of rooms.
 *
 * @param bumpTypes the types of event that clients order rooms by.
 */
export async function roomActivity(
  queries: Queries,
  roomNids: readonly RoomNid[],
  bumpTypes: readonly TypeNid[],
): Promise<Map<RoomNid, RoomActivity>> {
  if (roomNids.length === 0) return new Map()
  const { rows } = await sql<{
    room_nid: RoomNid
    last: StreamPosition | null
    bumped: StreamPosition | null
    oldest: StreamPosition | null
  }>`
    SELECT r.room_nid, e.last, e.bumped, e.oldest FROM unnest(${roomNids}::bigint[]) AS r(room_nid)
      CROSS JOIN LATERAL (
        SELECT max(stream_pos) AS last, min(stream_pos) AS oldest,
               max(stream_pos) FILTER (WHERE type_nid = ANY(${bumpTypes}::bigint[])) AS bumped
          FROM (SELECT stream_pos, type_nid FROM event
                 WHERE event.room_nid = r.room_nid AND stream_pos IS NOT NULL
                 ORDER BY stream_pos DESC LIMIT ${MAX_SCANNED}) AS newest
      ) AS e`.execute(queries)
  return new Map(
    rows.map(({ room_nid: roomNid, last, bumped, oldest }) => [
      roomNid,
      { last: last ?? undefined, bumped: bumped ?? oldest ?? undefined },
    ]),
  )
}
