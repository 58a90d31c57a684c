import type { CheckedPdu } from '../../keys/verification/verification-threads.ts'

interface Waiting {
  readonly event: CheckedPdu
  missing: number
}

/**
 * Events that come in any order and leave causes first, by their auth events: one waits, as its text, until all that it
 * leans on is here or has left before it. Those that lean on each other in a circle never leave.
 */
export class WaitingEvents {
  readonly #here: Set<string>
  readonly #dependents = new Map<string, Waiting[]>()
  #ready: CheckedPdu[] = []

  /** @param here ids of events that are here already. */
  constructor(here: Iterable<string>) {
    this.#here = new Set(here)
  }

  /** How many may leave now. */
  get ready(): number {
    return this.#ready.length
  }

  /** What others wait for. */
  get missing(): string[] {
    return [...this.#dependents.keys()]
  }

  /** Takes in an event; each is to come once. */
  add(event: CheckedPdu): void {
    const causes = new Set(event.authEvents.filter((id) => !this.#here.has(id)))
    if (causes.size === 0) return this.#release(event)
    const waiting = { event, missing: causes.size }
    for (const id of causes) {
      const others = this.#dependents.get(id)
      if (others) others.push(waiting)
      else this.#dependents.set(id, [waiting])
    }
  }

  /** Takes note that an event turned out to be here. */
  found(eventId: string): void {
    this.#here.add(eventId)
    const freed = [eventId]
    for (let id = freed.pop(); id !== undefined; id = freed.pop()) {
      const dependents = this.#dependents.get(id) ?? []
      this.#dependents.delete(id)
      for (const waiting of dependents) {
        if (--waiting.missing > 0) continue
        this.#ready.push(waiting.event)
        this.#here.add(waiting.event.eventId)
        freed.push(waiting.event.eventId)
      }
    }
  }

  /** The next that may leave, `limit` at most. */
  leave(limit: number): CheckedPdu[] {
    const leaving = this.#ready.slice(0, limit)
    this.#ready = this.#ready.slice(limit)
    return leaving
  }

  #release(event: CheckedPdu): void {
    this.#ready.push(event)
    this.found(event.eventId)
  }
}
