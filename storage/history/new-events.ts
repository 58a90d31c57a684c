import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** A new event of some room. */
export interface NewEvent {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly position: StreamPosition
}

/** Events of some rooms that are new after `after` and not after `upTo`, in the order of the stream. */
export async function newEvents(
  queries: Queries,
  roomNids: readonly RoomNid[],
  after: StreamPosition,
  upTo: StreamPosition,
  limit: number,
): Promise<NewEvent[]> {
  const { rows } = await sql<NewEvent>`
    SELECT event.room_nid AS "roomNid", event_nid AS "eventNid", stream_pos AS position
      FROM unnest(${roomNids}::bigint[]) AS room(room_nid)
      CROSS JOIN LATERAL (
        SELECT room_nid, event_nid, stream_pos FROM event
         WHERE event.room_nid = room.room_nid AND stream_pos > ${after} AND stream_pos <= ${upTo}
           AND history_pos IS NOT NULL
         ORDER BY stream_pos LIMIT ${limit}) AS event
     ORDER BY stream_pos LIMIT ${limit}`.execute(queries)
  return rows
}
