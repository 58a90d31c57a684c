/** How a failed job is tried again. */
export interface RetryPolicy {
  /** After so many attempts the job has failed for good. */
  readonly maxAttempts: number
  /** The wait after the first failure; it doubles with each. */
  readonly firstDelayMs: number
  readonly maxDelayMs: number
}

/** Gives a database or a neighbour about a day to come back. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxAttempts: 30,
  firstDelayMs: 1_000,
  maxDelayMs: 3_600_000,
}

/**
 * How long to wait after a failure, or undefined when it was the last attempt.
 *
 * @param attempt the one that failed; 1 for the first.
 * @param random a number in [0, 1): up to half the wait is taken off by it, so that jobs that failed together
 *   do not come back together.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number | undefined {
  if (attempt >= policy.maxAttempts) return undefined
  const full = Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.maxDelayMs)
  return full * (1 - random / 2)
}
