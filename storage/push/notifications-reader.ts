import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, TypeNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import { ALL_THREADS, MAIN_THREAD } from '../rooms/threads.ts'

/** A room of which a user is notified, and since when. */
export interface NotifyingRoom {
  readonly roomNid: RoomNid
  readonly after: StreamPosition
}

/** An event that may have notified a user. */
export interface NotifyingEvent {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly streamPos: StreamPosition
  /** Whether it stands out for everybody. */
  readonly toRoom: boolean
  /** The root's event id, or `main`. */
  readonly thread: string
  /** Whether the user has read it. */
  readonly read: boolean
}

/** Which of a user's notifications are asked for. */
export interface NotificationsWanted {
  readonly before: StreamPosition
  readonly limit: number
  /** Types of which the default rules notify; none for those alone that stand out. */
  readonly types: readonly TypeNid[]
}

/**
 * The newest events before a position that may have notified a user: of types that notify, for everybody and for this
 * user alone. Newest first, in one query; nothing of it is stored by member.
 */
export async function notifyingEvents(
  queries: Queries,
  userNid: UserNid,
  rooms: readonly NotifyingRoom[],
  { before, limit, types }: NotificationsWanted,
): Promise<NotifyingEvent[]> {
  if (rooms.length === 0) return []
  const { rows } = await sql<NotifyingEvent>`
    WITH heard AS (
      SELECT * FROM unnest(${rooms.map(({ roomNid }) => roomNid)}::bigint[],
                           ${rooms.map(({ after }) => after)}::bigint[]) AS r(room_nid, after)
    ), candidates AS (
      SELECT e.room_nid, e.event_nid FROM heard CROSS JOIN LATERAL (
        SELECT room_nid, event_nid FROM event
         WHERE event.room_nid = heard.room_nid AND stream_pos > heard.after AND stream_pos < ${before}
           AND type_nid = ANY(${types}::bigint[]) AND sender_nid <> ${userNid} AND redacted_by IS NULL
         ORDER BY stream_pos DESC LIMIT ${limit}) e
      UNION
      SELECT room_nid, event_nid FROM personal_outcome JOIN heard USING (room_nid)
       WHERE user_nid = ${userNid} AND notify AND (highlight OR ${types.length > 0})
      UNION
      SELECT room_nid, event_nid FROM room_highlight JOIN heard USING (room_nid)
    )
    SELECT e.room_nid AS "roomNid", e.event_nid AS "eventNid", e.stream_pos AS "streamPos",
           EXISTS (SELECT FROM room_highlight h
                    WHERE h.room_nid = e.room_nid AND h.event_nid = e.event_nid) AS "toRoom",
           coalesce(t.thread, ${MAIN_THREAD}) AS thread,
           EXISTS (SELECT FROM read_position p
                    WHERE p.user_nid = ${userNid} AND p.room_nid = e.room_nid
                      AND p.thread IN (${ALL_THREADS}, coalesce(t.thread, ${MAIN_THREAD}))
                      AND p.history_pos >= e.history_pos) AS read
      FROM candidates JOIN heard USING (room_nid)
      JOIN event e ON e.room_nid = candidates.room_nid AND e.event_nid = candidates.event_nid
      LEFT JOIN thread_message t ON t.room_nid = e.room_nid AND t.history_pos = e.history_pos
     WHERE e.stream_pos > heard.after AND e.stream_pos < ${before} AND e.sender_nid <> ${userNid}
     ORDER BY e.stream_pos DESC LIMIT ${limit}`.execute(queries)
  return rows
}
