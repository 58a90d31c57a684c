import { setTimeout as sleep } from 'node:timers/promises'
import type { Queries } from '../../storage/database.ts'
import type { Committer } from '../../storage/position/committer.ts'
import {
  isAfter,
  STREAM_START,
  streamPosition,
  type StreamPosition,
} from '../../storage/position/position.ts'
import { readCursor } from '../../storage/position/stream-cursor.ts'

/** What comes in quick succession is read together, and off the way of those who send. */
const DELAY_MS = 200
/** After a failure: the database may be away. */
const RETRY_MS = 2_000

export interface StreamFollowerOptions {
  /** Names the stored cursor. */
  readonly consumer: string
  /** How long to gather what comes in quick succession; 200 ms unless given. */
  readonly delayMs?: number
  readonly queries: Queries
  readonly committer: Pick<Committer, 'head' | 'onCommit'>
  /**
   * Takes in some of the stream after a position, and stores the cursor with what it made of it; the same stretch
   * may come twice.
   *
   * @returns how far it came, which is after `after` and not after `until`.
   */
  readonly step: (after: StreamPosition, until: StreamPosition) => Promise<StreamPosition>
  readonly onError: (error: unknown) => void
}

/**
 * Somebody who takes in the whole stream, in order, at their own pace. The cursor is stored, so that nothing is lost
 * over a restart; commits only wake it.
 */
export class StreamFollower {
  readonly #options: StreamFollowerOptions
  readonly #stopping = new AbortController()
  readonly #waiters = new Set<() => void>()
  #position: StreamPosition = STREAM_START
  #hurry: (() => void) | undefined
  #working: Promise<void> = Promise.resolve()
  #wake: () => void = () => undefined

  constructor(options: StreamFollowerOptions) {
    this.#options = options
  }

  /** Reads the cursor and begins to follow. */
  async start(): Promise<void> {
    const { queries, consumer, committer } = this.#options
    this.#position = streamPosition(await readCursor(queries, consumer))
    const unsubscribe = committer.onCommit(() => this.#wake())
    this.#stopping.signal.addEventListener('abort', unsubscribe)
    this.#working = this.#follow()
  }

  /** Ends after the step under way. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    this.#hurry?.()
    await this.#working
  }

  /** Resolves once all that is committed now has been taken in, or after a time, or when there is no more following. */
  async caughtUp(timeoutMs: number): Promise<void> {
    const { head } = this.#options.committer
    const deadline = performance.now() + timeoutMs
    while (isAfter(head, this.#position) && !this.#stopping.signal.aborted) {
      const remaining = deadline - performance.now()
      if (remaining <= 0) return
      this.#hurry?.()
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          this.#waiters.delete(done)
          resolve()
        }
        const timer = setTimeout(done, remaining)
        this.#waiters.add(done)
      })
    }
  }

  async #follow(): Promise<void> {
    const { committer, step, onError } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const { head } = committer
      if (!isAfter(head, this.#position)) {
        await new Promise<void>((resolve) => (this.#wake = resolve))
        if (this.#waiters.size === 0) await this.#pause()
        continue
      }
      try {
        this.#position = await step(this.#position, head)
        for (const waiter of [...this.#waiters]) waiter()
      } catch (error) {
        if (signal.aborted) return
        onError(error)
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
      }
    }
    for (const waiter of [...this.#waiters]) waiter()
  }

  async #pause(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.delayMs ?? DELAY_MS)
      this.#hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#hurry = undefined
  }
}
