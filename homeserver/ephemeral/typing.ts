import { LRUCache } from 'lru-cache'
import type { EphemeralBus, EphemeralListener } from './ephemeral-bus.ts'
import { EphemeralClock } from './ephemeral-clock.ts'

/** Rooms whose last change is remembered; whoever reads a forgotten one sees nobody typing, which is true. */
const MAX_ROOMS = 20_000
/** Nobody types for longer without saying so again. */
export const MAX_TYPING_MS = 120_000
/** Typing users of a room that are shown; more is noise to the people in it. */
const MAX_TYPING_USERS = 100

interface TypingRoom {
  readonly users: Map<string, { readonly timer: NodeJS.Timeout }>
  version: number
}

/** Who is typing, in this process's memory. */
export class LocalEphemeralBus implements EphemeralBus {
  readonly #clock: EphemeralClock
  readonly #rooms = new LRUCache<string, TypingRoom>({ max: MAX_ROOMS, dispose: stopTimers })
  readonly #listeners = new Set<EphemeralListener>()
  #lastChange = 0

  /** @param clock is shared with other ephemeral facts. */
  constructor(clock = new EphemeralClock()) {
    this.#clock = clock
  }

  get epoch(): string {
    return this.#clock.epoch
  }

  get version(): number {
    return this.#clock.version
  }

  get lastChange(): number {
    return this.#lastChange
  }

  setTyping(roomId: string, userId: string, timeoutMs: number | undefined): void {
    const room = this.#rooms.get(roomId) ?? { users: new Map(), version: 0 }
    const before = room.users.get(userId)
    clearTimeout(before?.timer)
    if (timeoutMs === undefined) {
      if (before && room.users.delete(userId)) this.#changed(roomId, room)
      return
    }
    if (!before && room.users.size >= MAX_TYPING_USERS) return
    const timer = setTimeout(
      () => this.setTyping(roomId, userId, undefined),
      Math.min(Math.max(timeoutMs, 0), MAX_TYPING_MS),
    )
    timer.unref()
    room.users.set(userId, { timer })
    if (!before) this.#changed(roomId, room)
  }

  typingIn(roomId: string): readonly string[] {
    return [...(this.#rooms.get(roomId)?.users.keys() ?? [])]
  }

  versionOf(roomId: string): number {
    return this.#rooms.get(roomId)?.version ?? 0
  }

  onChange(listener: EphemeralListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #changed(roomId: string, room: TypingRoom): void {
    room.version = this.#lastChange = this.#clock.advance()
    this.#rooms.set(roomId, room)
    for (const listener of this.#listeners) listener(roomId)
  }
}

function stopTimers(room: TypingRoom, _roomId: string, reason: string): void {
  if (reason === 'set') return
  for (const { timer } of room.users.values()) clearTimeout(timer)
}
