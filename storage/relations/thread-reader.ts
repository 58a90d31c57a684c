import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** A thread, and where in the room's history its newest event stands. */
export interface ThreadPlace {
  readonly rootEventId: string
  readonly latestPos: number
}

/** Which threads are wanted. */
export interface WantedThreads {
  readonly roomNid: RoomNid
  /** Nothing that these have said counts. */
  readonly ignored: readonly UserNid[]
  /** Only threads that this user began or has said something in. */
  readonly participant: UserNid | undefined
}

/** Threads of a room with nothing newer than the place `from`, the one that moved last first. */
export async function threadsBefore(
  queries: Queries,
  { roomNid, ignored, participant }: WantedThreads,
  from: number,
  limit: number,
): Promise<ThreadPlace[]> {
  const takesPart =
    participant === undefined
      ? sql``
      : sql`AND (
          EXISTS (SELECT FROM thread_sender AS own
                   WHERE own.room_nid = newest.room_nid AND own.root_event_id = newest.root_event_id
                     AND own.sender_nid = ${participant})
          OR EXISTS (SELECT FROM event AS root
                      WHERE root.event_id = newest.root_event_id AND root.room_nid = newest.room_nid
                        AND root.sender_nid = ${participant}))`
  const { rows } = await sql<ThreadPlace>`
    SELECT root_event_id AS "rootEventId", latest_pos AS "latestPos" FROM thread_sender AS newest
     WHERE room_nid = ${roomNid} AND latest_pos <= ${from} AND sender_nid <> ALL(${ignored}::bigint[])
       AND NOT EXISTS (SELECT FROM thread_sender AS newer
                        WHERE newer.room_nid = newest.room_nid AND newer.root_event_id = newest.root_event_id
                          AND newer.latest_pos > newest.latest_pos
                          AND newer.sender_nid <> ALL(${ignored}::bigint[]))
       ${takesPart}
     ORDER BY latest_pos DESC LIMIT ${limit}`.execute(queries)
  return rows
}
