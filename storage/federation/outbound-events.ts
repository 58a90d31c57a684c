import type { Queries } from '../database.ts'
import { ACCEPTED } from '../events/verdict.ts'
import type { EventNid, RoomNid, ServerNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** An event that is ours to spread. */
export interface SpreadEvent {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly position: StreamPosition
}

export interface SpreadRange {
  /** Not included. */
  readonly after: StreamPosition
  /** Included. */
  readonly until: StreamPosition
  readonly limit: number
}

/** Our users' accepted events, and those that we relay for others, in stream order. */
export async function eventsToSpread(
  queries: Queries,
  ownServer: ServerNid,
  range: SpreadRange,
  roomNid?: RoomNid,
): Promise<SpreadEvent[]> {
  const rows = await queries
    .selectFrom('event')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'event.sender_nid')
    .select(['event.room_nid', 'event.event_nid', 'event.stream_pos'])
    .where('event.stream_pos', '>', range.after)
    .where('event.stream_pos', '<=', range.until)
    .where('event.verdict', '=', ACCEPTED)
    .$if(roomNid !== undefined, (query) => query.where('event.room_nid', '=', roomNid!))
    .where((row) =>
      row.or([
        row('matrix_user.server_nid', '=', ownServer),
        row.exists(
          row
            .selectFrom('event_to_relay')
            .select('event_to_relay.event_id')
            .whereRef('event_to_relay.event_id', '=', 'event.event_id'),
        ),
      ]),
    )
    .orderBy('event.stream_pos')
    .limit(range.limit)
    .execute()
  return rows.flatMap((row) =>
    row.stream_pos === null
      ? []
      : [{ roomNid: row.room_nid, eventNid: row.event_nid, position: row.stream_pos }],
  )
}

/** The newest events of a room, whoever sent them. */
export async function newestEvents(queries: Queries, roomNid: RoomNid, limit: number): Promise<EventNid[]> {
  const rows = await queries
    .selectFrom('forward_extremity')
    .select('event_nid')
    .where('room_nid', '=', roomNid)
    .orderBy('event_nid', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.event_nid)
}

/**
 * Forgets events that were to be relayed, marked before `before`, milliseconds since the epoch. They stay marked that
 * long for servers that were away.
 */
export async function forgetRelayMarks(queries: Queries, before: number): Promise<void> {
  await queries.deleteFrom('event_to_relay').where('marked_ts', '<', before).execute()
}
