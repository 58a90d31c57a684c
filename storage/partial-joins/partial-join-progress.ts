import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import { databaseNowMs } from '../jobs/database-clock.ts'
import type { RoomNid } from '../numeric-ids.ts'

/** Servers that were asked for the members of one room; others of the thousand that may be in it push them out. */
const MAX_TRIES_SHOWN = 50
/** UTF-16 units; a sentence of ours about a failure. */
const MAX_REASON = 300

/** How the fetching of a room's members stands. Times are milliseconds since the epoch. */
export interface PartialJoinProgress {
  readonly roomId: string
  readonly begunTs: number
  /** The servers that were told with the join, first the one through which it went. */
  readonly servers: readonly string[]
  readonly eventsFetched: number
  readonly eventsExpected: number | null
  readonly givenUpTs: number | null
  /** Of the job: attempts begun, whether one is under way, and when the next is due. */
  readonly attempts: number
  readonly isRunning: boolean
  readonly nextTs: number | null
  /** Who was asked in vain, the last one first. */
  readonly tries: readonly { readonly server: string; readonly ts: number; readonly reason: string }[]
}

/** The rooms whose members are not known yet, those that wait longest first. @param jobKind completes a join. */
export async function partialJoinProgress(
  queries: Queries,
  jobKind: string,
  limit: number,
): Promise<PartialJoinProgress[]> {
  const { rows } = await sql<PartialJoinProgress>`
    SELECT room.room_id AS "roomId", begun_ts AS "begunTs", servers, events_fetched AS "eventsFetched",
           events_expected AS "eventsExpected", given_up_ts AS "givenUpTs", coalesce(job.attempts, 0) AS attempts,
           coalesce(job.leased_until > ${databaseNowMs}, false) AS "isRunning",
           CASE WHEN job.failed_ts IS NULL AND job.leased_until <= ${databaseNowMs} THEN job.run_at END AS "nextTs",
           tries.list AS tries
      FROM partial_join
      JOIN room USING (room_nid)
      LEFT JOIN job ON job.kind = ${jobKind} AND job.unique_key = room.room_id
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('server', server_name, 'ts', tried_ts, 'reason', reason)
                                ORDER BY tried_ts DESC, server_name), '[]') AS list
         FROM (SELECT * FROM partial_join_try AS t WHERE t.room_nid = partial_join.room_nid AND tried_ts >= begun_ts
                ORDER BY tried_ts DESC, server_name LIMIT ${MAX_TRIES_SHOWN}) AS last
     ) AS tries
     WHERE completed_pos IS NULL
     ORDER BY begun_pos LIMIT ${limit}`.execute(queries)
  return rows
}

/** Notes that a server was asked in vain. */
export async function noteTry(
  queries: Queries,
  roomNid: RoomNid,
  { server, ts, reason }: PartialJoinProgress['tries'][number],
): Promise<void> {
  // No text of the database holds U+0000.
  const told = reason.replaceAll('\0', '').slice(0, MAX_REASON)
  await sql`
    INSERT INTO partial_join_try (room_nid, server_name, tried_ts, reason)
    SELECT room_nid, ${server}, ${ts}, ${told} FROM partial_join WHERE room_nid = ${roomNid}
    ON CONFLICT (room_nid, server_name) DO UPDATE SET tried_ts = excluded.tried_ts, reason = excluded.reason`.execute(
    queries,
  )
}
