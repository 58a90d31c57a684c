import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import type { Direction } from './history-reader.ts'

/** A moment in a room's history; events of one millisecond stand in the order of the history. */
export interface Moment {
  /** Milliseconds since the epoch, as the event's origin claims. */
  readonly ts: number
  readonly historyPos: number
}

/** The moment from which all events of a time lie in the direction given, that time included. */
export function momentOf(ts: number, direction: Direction): Moment {
  return { ts, historyPos: direction === 'b' ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER }
}

/** Events of a room's history in the order of their distance in time from a moment, which is not one of them. */
export async function nearestInTime(
  queries: Queries,
  roomNid: RoomNid,
  { ts, historyPos }: Moment,
  direction: Direction,
  limit: number,
): Promise<EventNid[]> {
  const [beyond, order] = direction === 'b' ? [sql.raw('<'), sql.raw('DESC')] : [sql.raw('>'), sql.raw('ASC')]
  const { rows } = await sql<{ eventNid: EventNid }>`
    SELECT event_nid AS "eventNid" FROM event
     WHERE room_nid = ${roomNid} AND history_pos IS NOT NULL
       AND (origin_server_ts, history_pos) ${beyond} (${ts}::bigint, ${historyPos}::bigint)
     ORDER BY origin_server_ts ${order}, history_pos ${order}
     LIMIT ${limit}`.execute(queries)
  return rows.map(({ eventNid }) => eventNid)
}
