import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { FewAtATime } from '../turns/few-at-a-time.ts'

/** Windows of those who ask for nothing at the moment. Forgetting one lets its owner ask anew a little early. */
const MAX_IDLE = 10_000

/** How much each may ask (`rc_federation`). */
export interface WindowSize {
  readonly windowMs: number
  /** Requests of one window from which on each waits for `sleepMs` first. */
  readonly sleepLimit: number
  readonly sleepMs: number
  /** Requests that may wait, for whatever; further ones are refused. */
  readonly rejectLimit: number
  /** Requests that are worked on at the same time. */
  readonly concurrent: number
}

/** One who asks. */
interface Asker {
  readonly turns: FewAtATime
  windowStart: number
  asked: number
  waiting: number
  open: number
}

/** Paces those who ask much, and refuses those who ask more than that. What it keeps is bounded by open requests. */
export class RequestWindows {
  readonly #size: WindowSize
  readonly #now: () => number
  readonly #busy = new Map<string, Asker>()
  // Bounded by size and not by number, because a number has the cache take room for all of them beforehand.
  readonly #idle = new LRUCache<string, Asker>({ maxSize: MAX_IDLE, sizeCalculation: () => 1 })

  constructor(size: WindowSize, now: () => number = Date.now) {
    this.#size = size
    this.#now = now
  }

  /**
   * Does work for one who asks, once it is their turn.
   *
   * @throws MatrixError 429 M_LIMIT_EXCEEDED with `retry_after_ms`, without having begun, and what the work throws.
   */
  async take<Result>(key: string, work: () => Result | Promise<Result>): Promise<Result> {
    const { windowMs, sleepLimit, sleepMs, rejectLimit } = this.#size
    const asker = this.#enter(key)
    try {
      if (asker.waiting >= rejectLimit) {
        const sentence = 'Your server asks too much at once; wait and try again'
        throw new MatrixError(429, 'M_LIMIT_EXCEEDED', sentence, { retry_after_ms: windowMs })
      }
      asker.waiting += 1
      asker.asked += 1
      if (asker.asked > sleepLimit) await sleep(sleepMs)
      return await asker.turns.take(async () => {
        asker.waiting -= 1
        return work()
      })
    } finally {
      this.#leave(key, asker)
    }
  }

  #enter(key: string): Asker {
    const now = this.#now()
    const known = this.#busy.get(key) ?? this.#idle.get(key)
    const asker = known ?? {
      // What waits is bounded here already.
      turns: new FewAtATime(this.#size.concurrent, Infinity),
      windowStart: now,
      asked: 0,
      waiting: 0,
      open: 0,
    }
    if (Math.abs(now - asker.windowStart) >= this.#size.windowMs) {
      asker.windowStart = now
      asker.asked = 0
    }
    asker.open += 1
    this.#idle.delete(key)
    this.#busy.set(key, asker)
    return asker
  }

  #leave(key: string, asker: Asker): void {
    asker.open -= 1
    if (asker.open > 0) return
    this.#busy.delete(key)
    this.#idle.set(key, asker)
  }
}
