import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'

/** A free stretch of a room's history order, both ends taken, and the unread ordinal of what is to stand in it. */
export interface HistoryGap {
  readonly above: number
  readonly below: number
  readonly unreadOrdinal: number
}

/** Below everything: positions of a room begin at 1. */
const BELOW_HISTORY = 0

/**
 * The free places directly below the stored events that have one of `eventIds` as a cause; below the whole history
 * where none of them has a place in it. Undefined for a room without history.
 */
export async function historyGapBelow(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<HistoryGap | undefined> {
  const history = queries
    .selectFrom('event')
    .select(['event.history_pos', 'event.unread_ordinal'])
    .where('event.room_nid', '=', roomNid)
    .where('event.history_pos', 'is not', null)
  const child = await history
    .innerJoin('backward_extremity', (join) =>
      join
        .onRef('backward_extremity.room_nid', '=', 'event.room_nid')
        .onRef('backward_extremity.child_event_nid', '=', 'event.event_nid'),
    )
    .where('backward_extremity.missing_event_id', '=', anyOf(eventIds))
    .orderBy('event.history_pos')
    .limit(1)
    .executeTakeFirst()
  const above = child ?? (await history.orderBy('event.history_pos').limit(1).executeTakeFirst())
  if (!above || above.history_pos === null) return undefined
  const below = await history
    .where('event.history_pos', '<', above.history_pos)
    .orderBy('event.history_pos', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    above: above.history_pos,
    below: below?.history_pos ?? BELOW_HISTORY,
    unreadOrdinal: below?.unread_ordinal ?? 0,
  }
}

/**
 * Which events to ask for when the history before `eventIds` is wanted: the missing causes of those that are here,
 * and those themselves that are not.
 */
export async function missingBefore(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ event_id: string }>`
    SELECT DISTINCT edge.missing_event_id AS event_id
      FROM backward_extremity AS edge
      LEFT JOIN event ON event.room_nid = edge.room_nid AND event.event_nid = edge.child_event_nid
     WHERE edge.room_nid = ${roomNid}
       AND (edge.missing_event_id = ANY(${eventIds}::text[]) OR event.event_id = ANY(${eventIds}::text[]))
  `.execute(queries)
  return rows.map((row) => row.event_id)
}
