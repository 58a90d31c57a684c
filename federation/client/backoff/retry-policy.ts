/** How long a server that cannot be reached is left alone. Milliseconds. */
export interface RetryPolicy {
  /** After the first failure. */
  readonly minIntervalMs: number
  /** Factor for every further failure. */
  readonly multiplier: number
  readonly maxIntervalMs: number
}

/** Servers that lost sight of a peer in the same moment must not all come back in the same moment. */
const JITTER = { from: 0.8, to: 1.4 } as const

/**
 * The next pause after a failure.
 *
 * @param previousMs the pause before it, 0 when this is the first failure.
 * @param random a number from 0 up to 1, like `Math.random`.
 */
export function nextInterval(policy: RetryPolicy, previousMs: number, random: () => number): number {
  if (previousMs === 0) return policy.minIntervalMs
  const factor = policy.multiplier * (JITTER.from + random() * (JITTER.to - JITTER.from))
  return Math.round(Math.min(Math.max(previousMs * factor, policy.minIntervalMs), policy.maxIntervalMs))
}
