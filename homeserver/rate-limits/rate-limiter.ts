import { LRUCache } from 'lru-cache'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { OneAtATime } from '../turns/one-at-a-time.ts'

/** Buckets kept at once, some 100 bytes each. A forgotten one is a full one, so forgetting the idlest is harmless. */
const MAX_BUCKETS = 100_000

/** A token bucket's measures. */
export interface BucketSize {
  readonly perSecond: number
  readonly burstCount: number
}

/** A user of this server who asks for something. */
export interface LimitedUser {
  readonly userId: string
  /** Whether no limit holds: for application services that are exempt. */
  readonly unlimited?: boolean
}

interface Bucket {
  tokens: number
  refilledTs: number
}

/** Token buckets by key: a user, an address, a room. */
export class RateLimiter {
  readonly #size: BucketSize
  readonly #now: () => number
  // Bounded by size and not by number, because a number has the cache take room for all of them beforehand.
  readonly #buckets = new LRUCache<string, Bucket>({ maxSize: MAX_BUCKETS, sizeCalculation: () => 1 })

  readonly #attempts = new OneAtATime()

  constructor(size: BucketSize, now: () => number = Date.now) {
    this.#size = size
    this.#now = now
  }

  /** Takes one token. @throws MatrixError 429 M_LIMIT_EXCEEDED with `retry_after_ms` when there is none. */
  consume(key: string): void {
    const bucket = this.#refilled(key)
    if (bucket.tokens < 1) throw this.#exceeded(bucket)
    bucket.tokens -= 1
  }

  /**
   * Takes one token for what a user asks, unless no limit holds for them.
   *
   * @param key what is limited where that is not the user.
   * @throws MatrixError as `consume`.
   */
  consumeFor(user: LimitedUser, key: string = user.userId): void {
    if (user.unlimited !== true) this.consume(key)
  }

  /** Takes one token. Returns false, and takes nothing, when there is none. */
  take(key: string): boolean {
    const bucket = this.#refilled(key)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  /** Throws as `consume` would, but takes nothing: for limits that only failures use up. */
  check(key: string): void {
    const bucket = this.#refilled(key)
    if (bucket.tokens < 1) throw this.#exceeded(bucket)
  }

  /**
   * Takes tokens for something whose size is known when it is done, whether there are as many or not: what is too much
   * is waited for the next time.
   */
  charge(key: string, tokens: number): void {
    this.#refilled(key).tokens -= tokens
  }

  /**
   * Makes an attempt, of which failures alone take a token. Those under one key go one after another: side by side all
   * of them would begin before the first had failed.
   *
   * @returns whether it succeeded.
   * @throws MatrixError 429 as `check`, without an attempt.
   */
  attempt(key: string, make: () => Promise<boolean>): Promise<boolean> {
    return this.#attempts.take(key, async () => {
      this.check(key)
      const succeeded = await make()
      if (!succeeded) this.consume(key)
      return succeeded
    })
  }

  #refilled(key: string): Bucket {
    const now = this.#now()
    const { perSecond, burstCount } = this.#size
    const bucket = this.#buckets.get(key)
    if (!bucket) {
      const fresh = { tokens: burstCount, refilledTs: now }
      this.#buckets.set(key, fresh)
      return fresh
    }
    const elapsed = Math.max(0, now - bucket.refilledTs) / 1000
    bucket.tokens = Math.min(burstCount, bucket.tokens + elapsed * perSecond)
    bucket.refilledTs = now
    return bucket
  }

  #exceeded(bucket: Bucket): MatrixError {
    const wait = Math.ceil(((1 - bucket.tokens) / this.#size.perSecond) * 1000)
    return new MatrixError(429, 'M_LIMIT_EXCEEDED', 'Too many requests; wait and try again', {
      retry_after_ms: wait,
    })
  }
}
