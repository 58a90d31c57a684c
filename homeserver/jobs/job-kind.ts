import type { JobPayload } from '../../storage/jobs/job.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** What a handler knows of the attempt it makes. */
export interface JobAttempt {
  /** Aborts when the server stops or the lease is lost. Stop then; the job is done again later. */
  readonly signal: AbortSignal
  /** 1 for the first. */
  readonly attempt: number
  readonly key: string | undefined
}

/**
 * A kind of job. A job may be done twice, when a process dies between the deed and its record, so handlers make
 * sure that twice is like once.
 */
export interface JobKind<Payload> {
  readonly kind: string
  /** Checks a stored payload, which an older version of the server may have written. A throw fails the attempt. */
  readonly read: (payload: JobPayload) => Payload
  readonly handle: (payload: Payload, attempt: JobAttempt) => Promise<void>
  /** Unless given, {@link DEFAULT_RETRY_POLICY}. */
  readonly retry?: RetryPolicy
  /** Jobs of this kind that one process does at the same time; 1 unless given. */
  readonly concurrency?: number
}
