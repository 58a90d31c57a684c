import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import { databaseNowMs } from './database-clock.ts'
import type { LeasedJob } from './job.ts'

/** Failed jobs are kept so long for the administrator to see. */
const FAILED_RETENTION_MS = 30 * 24 * 3600 * 1000
/** Rows that one sweep removes; the next goes on. */
const SWEEP_LIMIT = 10_000

// A worker whose lease has passed to another changes nothing in any of these.

/** The job is done: it goes, or waits for its next turn, or for what was asked for meanwhile. */
export async function finishJob(queries: Queries, job: LeasedJob): Promise<void> {
  if (job.repeatMs === undefined) {
    const { numDeletedRows } = await queries
      .deleteFrom('job')
      .where('job_nid', '=', job.jobNid)
      .where('lease_token', '=', job.leaseToken)
      .where('revision', '=', job.revision)
      .executeTakeFirst()
    if (numDeletedRows > 0n) return
  }
  await sql`
    UPDATE job
       SET lease_token = NULL, leased_until = 0, attempts = 0, last_error = NULL,
           run_at = CASE WHEN revision = ${job.revision} AND repeat_ms IS NOT NULL
                         THEN ${databaseNowMs} + repeat_ms ELSE run_at END
     WHERE job_nid = ${job.jobNid} AND lease_token = ${job.leaseToken}`.execute(queries)
}

/**
 * The attempt failed. Without `retryInMs` the job has failed for good, and its row stays for a while; a repeated
 * job waits for its next turn.
 *
 * @param error kept for the administrator; it holds no content.
 */
export async function failJob(
  queries: Queries,
  job: LeasedJob,
  error: string,
  retryInMs: number | undefined,
): Promise<void> {
  const givesUp = retryInMs === undefined
  const wait = Math.ceil(retryInMs ?? job.repeatMs ?? 0)
  await sql`
    UPDATE job
       SET lease_token = NULL, leased_until = 0, last_error = ${error},
           run_at = CASE WHEN revision = ${job.revision} THEN ${databaseNowMs} + ${wait}::bigint ELSE run_at END,
           attempts = CASE WHEN ${givesUp} AND repeat_ms IS NOT NULL THEN 0 ELSE attempts END,
           failed_ts = CASE WHEN ${givesUp} AND repeat_ms IS NULL AND revision = ${job.revision}
                            THEN ${databaseNowMs} END
     WHERE job_nid = ${job.jobNid} AND lease_token = ${job.leaseToken}`.execute(queries)
}

/** The worker stops before the job is done: it is due again at once, and the attempt does not count. */
export async function releaseJob(queries: Queries, job: LeasedJob): Promise<void> {
  await sql`
    UPDATE job SET lease_token = NULL, leased_until = 0, attempts = greatest(attempts - 1, 0)
     WHERE job_nid = ${job.jobNid} AND lease_token = ${job.leaseToken}`.execute(queries)
}

/** Ends every lease: none of those who hold one is alive. What they tried to do counts as an attempt. */
export async function endAllLeases(queries: Queries): Promise<void> {
  await queries
    .updateTable('job')
    .set({ lease_token: null, leased_until: 0 })
    .where('lease_token', 'is not', null)
    .execute()
}

/** Removes jobs that failed for good long ago. */
export async function sweepFailedJobs(queries: Queries): Promise<void> {
  await sql`
    DELETE FROM job WHERE job_nid IN (
      SELECT job_nid FROM job WHERE failed_ts < ${databaseNowMs} - ${FAILED_RETENTION_MS}::bigint LIMIT ${SWEEP_LIMIT}
    )`.execute(queries)
}
