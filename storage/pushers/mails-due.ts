import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import { ALL_THREADS } from '../rooms/threads.ts'

/** How far the stream is old enough. */
export interface AgedStretch {
  /** The last position before the first event that is too young; undefined when that is the first of all. */
  readonly end: StreamPosition | undefined
  /** When the first event came that is too young; undefined when there is none. */
  readonly youngTs: number | undefined
}

/** How much of a part of the stream came at a time or earlier. @param until the end of the part. */
export async function agedStretch(
  queries: Queries,
  after: StreamPosition,
  until: StreamPosition,
  ts: number,
): Promise<AgedStretch> {
  const { rows } = await sql<{ end: StreamPosition | null; youngTs: number }>`
    SELECT young.received_ts AS "youngTs",
           (SELECT max(stream_pos) FROM event
             WHERE stream_pos > ${after} AND stream_pos < young.stream_pos) AS end
      FROM (SELECT stream_pos, received_ts FROM event
             WHERE stream_pos > ${after} AND stream_pos <= ${until} AND received_ts > ${ts}
             ORDER BY stream_pos LIMIT 1) young`.execute(queries)
  const [young] = rows
  return young ? { end: young.end ?? undefined, youngTs: young.youngTs } : { end: until, youngTs: undefined }
}

/** What a user has been told of a thread of a room by their rules, up to its newest event. */
export interface MailCandidate {
  readonly userNid: UserNid
  readonly roomNid: RoomNid
  /** The root's event id, or `main`. */
  readonly thread: string
  readonly position: StreamPosition
  /** Undefined for what is not read in a room's history, as invites. */
  readonly historyPos: number | undefined
  /** From then on it may be mailed. */
  readonly readyTs: number
}

/** A pusher that has something to mail. */
export interface MailDue {
  readonly pusherNid: number
  readonly dueTs: number
}

/**
 * Which pushers of the kind `email` have to mail some of that, and when: what their users have not read, no earlier
 * than the rooms may speak.
 *
 * @param quietMs what is ready so long after the last news of its room keeps to no pause.
 */
export async function mailsDue(
  queries: Queries,
  candidates: readonly MailCandidate[],
  quietMs: number,
): Promise<MailDue[]> {
  if (candidates.length === 0) return []
  const column = <Value>(of: (candidate: MailCandidate) => Value): Value[] => candidates.map(of)
  const { rows } = await sql<MailDue>`
    SELECT p.pusher_nid AS "pusherNid", min(greatest(c.ready_ts, coalesce(m.until_ts, 0))) AS "dueTs"
      FROM unnest(${column(({ userNid }) => userNid)}::bigint[], ${column(({ roomNid }) => roomNid)}::bigint[],
                  ${column(({ thread }) => thread)}::text[], ${column(({ position }) => position)}::bigint[],
                  ${column(({ historyPos }) => historyPos ?? null)}::bigint[],
                  ${column(({ readyTs }) => readyTs)}::bigint[])
           AS c(user_nid, room_nid, thread, stream_pos, history_pos, ready_ts)
      JOIN pusher p ON p.user_nid = c.user_nid AND p.kind = 'email' AND p.enabled
           AND coalesce(p.told_until, 0) < c.stream_pos
      LEFT JOIN mail_pause m ON m.pusher_nid = p.pusher_nid AND m.room_nid = c.room_nid
           AND m.newest_ts >= c.ready_ts - ${quietMs}::bigint
     WHERE NOT EXISTS (SELECT FROM read_position r
                        WHERE r.user_nid = c.user_nid AND r.room_nid = c.room_nid
                          AND r.thread IN (${ALL_THREADS}, c.thread) AND r.history_pos >= c.history_pos)
     GROUP BY p.pusher_nid`.execute(queries)
  return rows
}
