import type { MediaNid } from '../../storage/numeric-ids.ts'

/** Another process may have received the content: the row is looked at again so often. */
const LOOK_AGAIN_MS = 1_000
/** Each is a connection that a user holds open; MSC2246 names them as the way to exhaust a server. */
const MAX_WAITING = 500

/** Tells those who wait for content that it has come. */
export class Arrivals {
  readonly #waiting = new Map<MediaNid, Set<() => void>>()
  #count = 0

  /** Wakes who waits for this media. */
  announce(nid: MediaNid): void {
    for (const wake of [...(this.#waiting.get(nid) ?? [])]) wake()
  }

  /**
   * Waits until it is time to look whether content has come.
   *
   * @param patienceMs the most that the caller waits.
   * @returns false when there is nothing more to wait for: the patience is at its end, or too many wait already.
   */
  async next(nid: MediaNid, patienceMs: number): Promise<boolean> {
    if (patienceMs <= 0 || this.#count >= MAX_WAITING) return false
    this.#count += 1
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = this.#waiting.get(nid) ?? new Set()
    this.#waiting.set(nid, waiting.add(resolve))
    const timer = setTimeout(resolve, Math.min(patienceMs, LOOK_AGAIN_MS))
    await promise
    clearTimeout(timer)
    waiting.delete(resolve)
    if (waiting.size === 0) this.#waiting.delete(nid)
    this.#count -= 1
    return true
  }
}
