import { LRUCache } from 'lru-cache'
import type { RoomNid } from '../../../storage/numeric-ids.ts'

/** Rooms of one pusher that talk at the same time. */
const MAX_ROOMS = 100
/** As many messages in a minute are a conversation that somebody may want to follow as it goes; more is a crowd. */
const CALM_MESSAGES = 5
const CALM_MS = 60_000

/** How often groups notify one pusher: each message of a calm one, a busy one once in an interval. */
export class RoomPace {
  readonly #intervalMs: number
  readonly #told = new LRUCache<RoomNid, readonly number[]>({ maxSize: MAX_ROOMS, sizeCalculation: () => 1 })

  /** @param intervalMs 0 has every message notify at once. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  /** When a room may notify next; milliseconds. */
  nextAt(roomNid: RoomNid, now: number): number {
    const told = this.#recent(roomNid, now)
    if (this.#intervalMs === 0 || told.length < CALM_MESSAGES) return now
    return Math.max(now, told.at(-1)! + this.#intervalMs)
  }

  /** Whether what waits of a room is told by its newest message alone. */
  isBusy(roomNid: RoomNid, now: number): boolean {
    return this.#intervalMs > 0 && this.#recent(roomNid, now).length >= CALM_MESSAGES
  }

  /** A room has notified. */
  told(roomNid: RoomNid, now: number): void {
    this.#told.set(roomNid, [...this.#recent(roomNid, now), now].slice(-CALM_MESSAGES))
  }

  #recent(roomNid: RoomNid, now: number): readonly number[] {
    return (this.#told.get(roomNid) ?? []).filter((ts) => ts > now - CALM_MS)
  }
}
