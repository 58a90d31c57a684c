import type { Generated } from 'kysely'

/** Delayed and repeated work, with the lease of the worker that does it. */
export interface JobTable {
  job_nid: Generated<number>
  kind: string
  unique_key: string | null
  payload: string
  run_at: number
  repeat_ms: number | null
  revision: Generated<number>
  attempts: Generated<number>
  leased_until: Generated<number>
  lease_token: string | null
  last_error: string | null
  failed_ts: number | null
}
