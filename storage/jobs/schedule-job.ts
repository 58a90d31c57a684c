import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import { databaseNowMs } from './database-clock.ts'
import type { JobRequest } from './job.ts'

/** The key of a repeated job, one for each kind. */
const REPEATED_KEY = '@repeated'

/**
 * Stores a request; within a transaction it counts when that commits. The runner of this process has to be woken
 * afterwards.
 */
export function scheduleJob(queries: Queries, request: JobRequest): Promise<void> {
  return scheduleJobs(queries, [request], request.ifWaiting)
}

/** Stores requests with different keys in one statement. */
export async function scheduleJobs(
  queries: Queries,
  requests: readonly Omit<JobRequest, 'ifWaiting'>[],
  ifWaiting: JobRequest['ifWaiting'] = 'replace',
): Promise<void> {
  if (requests.length === 0) return
  await sql`
    INSERT INTO job (kind, unique_key, payload, run_at)
    SELECT * FROM unnest(${requests.map(({ kind }) => kind)}::text[], ${requests.map(({ key = null }) => key)}::text[],
                         ${requests.map(({ payload }) => JSON.stringify(payload))}::text[],
                         ${requests.map(({ runAt }) => Math.ceil(runAt))}::bigint[])
    ON CONFLICT (kind, unique_key) DO UPDATE
       SET payload = excluded.payload, run_at = excluded.run_at, revision = job.revision + 1, attempts = 0,
           failed_ts = NULL, last_error = NULL
     WHERE ${ifWaiting === 'replace'}::boolean OR job.failed_ts IS NOT NULL OR job.leased_until > ${databaseNowMs}
        OR (${ifWaiting === 'sooner'}::boolean AND job.attempts = 0 AND excluded.run_at < job.run_at)`.execute(
    queries,
  )
}

/** Forgets a job. One that is being done is not interrupted, but not done again either. Returns whether there was one. */
export async function cancelJob(queries: Queries, kind: string, key: string): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('job')
    .where('kind', '=', kind)
    .where('unique_key', '=', key)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Has a kind of job done every so many milliseconds, counted from the end of each; for the first time after one interval. */
export async function repeatJob(queries: Queries, kind: string, intervalMs: number): Promise<void> {
  await sql`
    INSERT INTO job (kind, unique_key, payload, run_at, repeat_ms)
    VALUES (${kind}, ${REPEATED_KEY}, 'null', ${databaseNowMs} + ${intervalMs}::bigint, ${intervalMs})
    ON CONFLICT (kind, unique_key) DO UPDATE
       SET repeat_ms = excluded.repeat_ms, run_at = least(job.run_at, excluded.run_at), failed_ts = NULL
     WHERE job.repeat_ms IS DISTINCT FROM excluded.repeat_ms OR job.failed_ts IS NOT NULL`.execute(queries)
}
