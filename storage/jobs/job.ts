/** What a job is told: plain JSON of this server's own making. */
export type JobPayload =
  null | boolean | number | string | readonly JobPayload[] | { readonly [key: string]: JobPayload }

/** A request to do something once. */
export interface JobRequest {
  readonly kind: string
  /** At most one job of a kind has the key. */
  readonly key?: string
  readonly payload: JobPayload
  /** Milliseconds since the epoch; a time that is past means at once. */
  readonly runAt: number
  /**
   * What happens to a job with the same key that waits: it takes the new payload and time ('replace', unless
   * given), or stays as it is ('keep'), or takes the earlier time unless it is tried again after a failure ('sooner').
   * One that is being done, or has failed for good, is done again either way.
   */
  readonly ifWaiting?: 'replace' | 'keep' | 'sooner'
}

/** A job that a worker holds. */
export interface LeasedJob {
  readonly jobNid: number
  readonly leaseToken: string
  /** Raised when the job is asked for again meanwhile. */
  readonly revision: number
  readonly kind: string
  readonly key: string | undefined
  readonly payload: JobPayload
  /** 1 for the first; attempts that died with their process count. */
  readonly attempt: number
  readonly repeatMs: number | undefined
}
