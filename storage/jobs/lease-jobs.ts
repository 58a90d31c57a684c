import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import { databaseNowMs } from './database-clock.ts'
import type { JobPayload, LeasedJob } from './job.ts'

/** How many jobs of a kind a worker can take. */
export interface JobCapacity {
  readonly kind: string
  readonly free: number
}

interface LeasedRow {
  job_nid: number
  lease_token: string
  revision: number
  kind: string
  unique_key: string | null
  payload: string
  attempts: number
  repeat_ms: number | null
}

/**
 * Takes jobs that are due, the longest due first, each for `leaseMs`. Nobody else gets them while the lease lasts.
 *
 * @param overdueMs takes only what has been due for so long.
 */
export async function leaseDueJobs(
  queries: Queries,
  capacity: readonly JobCapacity[],
  leaseMs: number,
  overdueMs = 0,
): Promise<LeasedJob[]> {
  const { rows } = await sql<LeasedRow>`
    WITH taken AS MATERIALIZED (
      SELECT due.job_nid
        FROM unnest(${capacity.map(({ kind }) => kind)}::text[], ${capacity.map(({ free }) => free)}::int[])
             AS wanted(kind, free)
       CROSS JOIN LATERAL (
         SELECT job_nid FROM job
          WHERE job.kind = wanted.kind AND failed_ts IS NULL AND greatest(run_at, leased_until) <= ${databaseNowMs} - ${overdueMs}::bigint
          ORDER BY greatest(run_at, leased_until) LIMIT wanted.free
            FOR UPDATE SKIP LOCKED
       ) due
    )
    UPDATE job
       SET lease_token = gen_random_uuid(), leased_until = ${databaseNowMs} + ${leaseMs}::bigint,
           attempts = attempts + 1
      FROM taken WHERE job.job_nid = taken.job_nid
    RETURNING job.job_nid, lease_token, revision, kind, unique_key, payload, attempts, repeat_ms`.execute(
    queries,
  )
  return rows.map(leasedJob)
}

function leasedJob(row: LeasedRow): LeasedJob {
  return {
    jobNid: row.job_nid,
    leaseToken: row.lease_token,
    revision: row.revision,
    kind: row.kind,
    key: row.unique_key ?? undefined,
    payload: JSON.parse(row.payload) as JobPayload,
    attempt: row.attempts,
    repeatMs: row.repeat_ms ?? undefined,
  }
}

/** Takes one job for `leaseMs`, if it is due and nobody has it. */
export async function leaseJob(
  queries: Queries,
  jobNid: number,
  leaseMs: number,
): Promise<LeasedJob | undefined> {
  const { rows } = await sql<LeasedRow>`
    UPDATE job
       SET lease_token = gen_random_uuid(), leased_until = ${databaseNowMs} + ${leaseMs}::bigint,
           attempts = attempts + 1
     WHERE job_nid = ${jobNid} AND failed_ts IS NULL AND greatest(run_at, leased_until) <= ${databaseNowMs}
    RETURNING job_nid, lease_token, revision, kind, unique_key, payload, attempts, repeat_ms`.execute(queries)
  return rows[0] && leasedJob(rows[0])
}

/** A job that nobody has and whose time comes soon. */
export interface UpcomingJob {
  readonly jobNid: number
  readonly kind: string
  readonly revision: number
  readonly attempts: number
  readonly runAt: number
  /** Milliseconds until it is due; negative when it is already. */
  readonly waitMs: number
}

/** What is due within a time and in nobody's hands, the first at the head. @param jobNid looks at this one alone. */
export async function upcomingJobs(
  queries: Queries,
  kinds: readonly string[],
  withinMs: number,
  limit: number,
  jobNid?: number,
): Promise<UpcomingJob[]> {
  const { rows } = await sql<UpcomingJob>`
    SELECT job_nid AS "jobNid", kind, revision, attempts, run_at AS "runAt", run_at - ${databaseNowMs} AS "waitMs"
      FROM job
     WHERE kind = ANY(${kinds}::text[]) AND failed_ts IS NULL AND leased_until <= ${databaseNowMs}
       AND greatest(run_at, leased_until) <= ${databaseNowMs} + ${withinMs}::bigint
       AND ${jobNid === undefined ? sql`true` : sql`job_nid = ${jobNid}`}
     ORDER BY greatest(run_at, leased_until) LIMIT ${limit}`.execute(queries)
  return rows
}

/** Moves the ends of leases. Returns the lease tokens that still hold. */
export async function renewLeases(
  queries: Queries,
  jobs: readonly LeasedJob[],
  leaseMs: number,
): Promise<Set<string>> {
  const { rows } = await sql<{ lease_token: string }>`
    UPDATE job SET leased_until = ${databaseNowMs} + ${leaseMs}::bigint
      FROM unnest(${jobs.map(({ jobNid }) => jobNid)}::bigint[], ${jobs.map(({ leaseToken }) => leaseToken)}::uuid[])
           AS mine(job_nid, token)
     WHERE job.job_nid = mine.job_nid AND job.lease_token = mine.token
    RETURNING lease_token`.execute(queries)
  return new Set(rows.map((row) => row.lease_token))
}

/** Milliseconds until a job of one of `kinds` may be taken, negative when one may be already; undefined without any. */
export async function msUntilDue(queries: Queries, kinds: readonly string[]): Promise<number | undefined> {
  const { rows } = await sql<{ wait: number | null }>`
    SELECT min(greatest(run_at, leased_until)) - ${databaseNowMs} AS wait
      FROM job WHERE kind = ANY(${kinds}::text[]) AND failed_ts IS NULL`.execute(queries)
  return rows[0]?.wait ?? undefined
}
