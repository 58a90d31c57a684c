import { retryDelayMs } from '../../jobs/retry-policy.ts'
import type { PusherQueue } from './pusher-queue.ts'

/** Requests to one gateway at a time. The large public ones answer hundreds in a second over as many connections. */
export const CONNECTIONS_PER_GATEWAY = 20
/** A gateway that has failed so often in a row, for whomever, is left alone by all. */
const FAILURES_UNTIL_PAUSE = 5
const PAUSE = { maxAttempts: Infinity, firstDelayMs: 1_000, maxDelayMs: 300_000 }

/** How a turn of a pusher went: `away` for a gateway that did not take what it was told. */
export type TurnResult = 'fine' | 'away'

/**
 * The pushers of one gateway take turns, each with one request, so many at once. A slow gateway keeps its own pushers
 * waiting and nobody else.
 */
export class GatewayLane {
  readonly #now: () => number
  readonly #turn: (queue: PusherQueue) => Promise<TurnResult>
  /** In the order in which they became ready. */
  readonly #ready = new Set<PusherQueue>()
  readonly #working = new Map<PusherQueue, Promise<void>>()
  readonly #timers = new Map<PusherQueue, NodeJS.Timeout>()
  #pause: NodeJS.Timeout | undefined
  #failures = 0
  #stopped = false

  /** @param turn does what a pusher has to do next; it does not reject. */
  constructor(turn: (queue: PusherQueue) => Promise<TurnResult>, now: () => number) {
    this.#turn = turn
    this.#now = now
  }

  /** Whether nobody waits or works here. */
  get isIdle(): boolean {
    return this.#ready.size + this.#working.size + this.#timers.size === 0
  }

  /** A pusher may have something to do, now or later. */
  wake(queue: PusherQueue): void {
    if (this.#stopped || this.#working.has(queue)) return
    clearTimeout(this.#timers.get(queue))
    this.#timers.delete(queue)
    const { dueAt } = queue
    if (dueAt === undefined) return
    const wait = dueAt - this.#now()
    if (wait > 0) {
      this.#timers.set(
        queue,
        setTimeout(() => {
          this.#timers.delete(queue)
          this.wake(queue)
        }, wait).unref(),
      )
      return
    }
    this.#ready.add(queue)
    this.#pump()
  }

  /** A pusher is gone. */
  forget(queue: PusherQueue): void {
    clearTimeout(this.#timers.get(queue))
    this.#timers.delete(queue)
    this.#ready.delete(queue)
  }

  /** Begins no further turn; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#pause)
    for (const timer of this.#timers.values()) clearTimeout(timer)
    await Promise.all(this.#working.values())
  }

  #pump(): void {
    // While it is not known whether the gateway is back, one pusher finds out for all.
    const limit = this.#failures >= FAILURES_UNTIL_PAUSE ? 1 : CONNECTIONS_PER_GATEWAY
    if (this.#stopped || this.#pause) return
    for (const queue of this.#ready) {
      if (this.#working.size >= limit) return
      this.#ready.delete(queue)
      this.#working.set(queue, this.#work(queue))
    }
  }

  async #work(queue: PusherQueue): Promise<void> {
    const result = await this.#turn(queue)
    this.#working.delete(queue)
    if (result === 'fine') this.#failures = 0
    else if (++this.#failures >= FAILURES_UNTIL_PAUSE && !this.#stopped) this.#rest()
    this.wake(queue)
    this.#pump()
  }

  #rest(): void {
    clearTimeout(this.#pause)
    const pause = retryDelayMs(PAUSE, this.#failures - FAILURES_UNTIL_PAUSE + 1, Math.random())!
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#pump()
    }, pause).unref()
  }
}
