import type { TrackedUser } from './tracked-user.ts'

/**
 * A room tells of so many users at most. In a larger one everybody would be told of everybody: there it is those who
 * spoke last, whom clients show beside what they said. Of the others `GET /presence` tells, and smaller rooms.
 */
export const MAX_TOLD_USERS = 500
/** A room is small again when it has lost some more: users who come and go would turn it over and over. */
const SMALL_AGAIN = 400

/** The users of known presence in one room, and of which of them the room tells. */
export class RoomWithUsers {
  /** By user, the version at which the room last had news of them beside their own; that at which they came at first. */
  readonly #users = new Map<TrackedUser, number>()
  /** In a large room: of whom it tells, those who spoke last at the end. */
  #told: Set<TrackedUser> | undefined
  /** In a large room: of whom there is news that has not been published. */
  readonly #pending = new Set<TrackedUser>()
  #version = 0

  get size(): number {
    return this.#users.size
  }

  get isLarge(): boolean {
    return this.#told !== undefined
  }

  add(user: TrackedUser, version: number): void {
    this.#users.set(user, version)
    if (this.#told) return
    this.#version = version
    // Those who were told of until now stay it, until others speak.
    if (this.#users.size > MAX_TOLD_USERS) {
      this.#told = new Set(this.#users.keys())
      this.#told.delete(user)
    }
  }

  /** @param take gives the version of what that changes. */
  remove(user: TrackedUser, take: () => number): void {
    this.#users.delete(user)
    this.#pending.delete(user)
    this.#told?.delete(user)
    if (this.#told && this.#users.size <= SMALL_AGAIN) this.#shrink(this.#told, take())
  }

  /** A user said something here. */
  speak(user: TrackedUser): void {
    if (!this.#told || !this.#users.has(user)) return
    if (!this.#told.delete(user)) this.#pending.add(user)
    this.#told.add(user)
    if (this.#told.size <= MAX_TOLD_USERS) return
    const [quietest] = this.#told
    this.#told.delete(quietest!)
    this.#pending.delete(quietest!)
  }

  /** A user's presence has changed. @returns whether that is to be told at once. */
  mark(user: TrackedUser): boolean {
    if (!this.#told) {
      this.#version = user.version
      return true
    }
    if (this.#told.has(user)) this.#pending.add(user)
    return false
  }

  /** Publishes what has gathered in a large room, as of `version`. */
  publish(version: number): void {
    if (this.#pending.size === 0) return
    for (const user of this.#pending) this.#users.set(user, version)
    this.#pending.clear()
    this.#version = version
  }

  hasNews(after: number): boolean {
    return this.#version > after
  }

  /** Users with news after a version; undefined asks for all of whom the room tells. */
  *newsAfter(version: number | undefined): Iterable<TrackedUser> {
    if (version !== undefined && !this.hasNews(version)) return
    for (const user of this.#told ?? this.#users.keys()) {
      const inRoom = this.#users.get(user) ?? 0
      const newest = this.#told ? inRoom : Math.max(inRoom, user.version)
      if (version === undefined || newest > version) yield user
    }
  }

  #shrink(told: ReadonlySet<TrackedUser>, version: number): void {
    for (const user of this.#users.keys()) {
      if (!told.has(user)) this.#users.set(user, version)
    }
    this.publish(version)
    this.#told = undefined
    this.#version = version
  }
}
