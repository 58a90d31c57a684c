import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { TrackedUser } from './tracked-user.ts'

/** What comes together is told together. */
const FIRST_WAIT_MS = 50
/** Users that presence wakes in a second; each costs a sync. The rest of the machine belongs to messages. */
const MAX_WAKES_PER_SECOND = 2_000
/** Presence is never older than this when it is told. */
const MAX_WAIT_MS = 60_000
/** A timer that fires this much late tells of a busy process. */
const BUSY_AFTER_MS = 200
/** A busy process is left alone for so many times the delay. */
const BUSY_FACTOR = 20

/** What has changed since it was last told. */
export interface PresenceNews {
  readonly rooms: ReadonlySet<RoomNid>
  readonly users: ReadonlySet<TrackedUser>
}

/** Gathers changes of presence and has them told at a pace that the process can bear. */
export class TellingPace {
  readonly #tell: (news: PresenceNews) => number
  #rooms = new Set<RoomNid>()
  #users = new Set<TrackedUser>()
  #timer: NodeJS.Timeout | undefined
  #restUntil = 0
  #oldest = 0

  /** @param tell tells of it and returns how many users that woke. */
  constructor(tell: (news: PresenceNews) => number) {
    this.#tell = tell
  }

  /** Notes a change. */
  add(user: TrackedUser, rooms: readonly RoomNid[]): void {
    this.#users.add(user)
    for (const room of rooms) this.#rooms.add(room)
    if (this.#timer) return
    const now = performance.now()
    this.#oldest = now
    this.#wait(Math.max(FIRST_WAIT_MS, this.#restUntil - now))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #wait(ms: number): void {
    const dueAt = performance.now() + ms
    this.#timer = setTimeout(() => this.#due(performance.now() - dueAt), ms).unref()
  }

  #due(lateMs: number): void {
    const now = performance.now()
    const left = this.#oldest + MAX_WAIT_MS - now
    if (lateMs > BUSY_AFTER_MS && left > 0) return this.#wait(Math.min(lateMs * BUSY_FACTOR, left))
    this.#timer = undefined
    const news = { rooms: this.#rooms, users: this.#users }
    this.#rooms = new Set()
    this.#users = new Set()
    const woken = this.#tell(news)
    this.#restUntil = now + Math.min((woken / MAX_WAKES_PER_SECOND) * 1_000, MAX_WAIT_MS)
  }
}
