import { nextInterval, type RetryPolicy } from '../client/backoff/retry-policy.ts'
import type { FederationRequestError } from '../client/transport/federation-request-error.ts'

/** Statuses that say something of the moment and not of the transaction: sent again, it may be taken. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 404, 408, 429])
const FIRST_SERVER_ERROR = 500
/** Beyond this many failures the pause has reached any maximum. */
const MAX_DOUBLINGS = 32

/**
 * Whether a transaction that failed must not be sent again: the destination has taken it and answered nonsense, or it
 * would refuse the same thing for ever and nothing after it would get through.
 */
export function isLost({ kind, status }: FederationRequestError): boolean {
  if (kind === 'not-allowed') return true
  if (kind === 'bad-answer') return status !== undefined && status < FIRST_SERVER_ERROR
  return kind === 'refused' && status !== undefined && status < FIRST_SERVER_ERROR && !PASSING.has(status)
}

/** A server that is there and has troubles gets well sooner than one that is gone. */
const FIRST_PAUSE_MS = 10_000

/**
 * How long to wait after so many failures in a row, in milliseconds. Servers that cannot be reached are left alone for
 * longer, by the pause that all requests share.
 */
export function pauseAfter(configured: RetryPolicy, failures: number): number {
  const policy = { ...configured, minIntervalMs: Math.min(configured.minIntervalMs, FIRST_PAUSE_MS) }
  let pause = 0
  for (let failure = 0; failure < Math.min(failures, MAX_DOUBLINGS); failure++) {
    pause = nextInterval(policy, pause, Math.random)
  }
  return pause
}
