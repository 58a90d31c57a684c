import type { RateLimitsConfig } from '../config/sections/rate-limits.ts'
import { RateLimiter } from './rate-limiter.ts'

/** The limiter of every `rc_*` key but federation's, which is a window and no bucket. */
export type RateLimits = Readonly<Record<Exclude<keyof RateLimitsConfig, 'federation'>, RateLimiter>>

/** Builds the limiters that the configuration describes. */
export function createRateLimits({ federation: _, ...sizes }: RateLimitsConfig): RateLimits {
  const entries = Object.entries(sizes).map(([name, size]) => [name, new RateLimiter(size)])
  return Object.fromEntries(entries) as RateLimits
}
