import type { AuthEdges } from './auth-chain.ts'

interface Covered {
  /** Undefined for an event that is not here. */
  readonly authEvents: readonly string[] | undefined
  /** How many of the covered events cite it, and once more for the state that has it. */
  holders: number
}

/**
 * A state's events and everything in their auth chains, counted so that it can follow the state: what a change adds or
 * takes away is all that is walked.
 */
export class AuthCover {
  readonly #covered = new Map<string, Covered>()
  #absent = 0

  /** How many events it holds. */
  get size(): number {
    return this.#covered.size
  }

  /** Whether the edges of all that it covers were known. */
  get isWhole(): boolean {
    return this.#absent === 0
  }

  has(eventId: string): boolean {
    return this.#covered.has(eventId)
  }

  /** The state has one more event. @param edges asked for what is not covered yet. */
  add(eventId: string, edges: AuthEdges): void {
    const pending = [eventId]
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const known = this.#covered.get(id)
      if (known) known.holders += 1
      else {
        const authEvents = edges(id)
        if (!authEvents) this.#absent += 1
        this.#covered.set(id, { authEvents, holders: 1 })
        pending.push(...(authEvents ?? []))
      }
    }
  }

  /** The state has an event less. @returns the edges of what is not covered any more, by which it can be added again. */
  remove(eventId: string): Map<string, readonly string[]> {
    const gone = new Map<string, readonly string[]>()
    const pending = [eventId]
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const known = this.#covered.get(id)
      if (!known) throw new RangeError('an event is taken out of a state that does not have it')
      known.holders -= 1
      if (known.holders > 0) continue
      this.#covered.delete(id)
      if (known.authEvents) {
        gone.set(id, known.authEvents)
        pending.push(...known.authEvents)
      } else this.#absent -= 1
    }
    return gone
  }

  /** Which of `candidates` the state would cover without some of its events. */
  coveredWithout(without: Iterable<string>, candidates: Iterable<string>): Set<string> {
    const removed = [...without].map((eventId) => ({ eventId, gone: this.remove(eventId) }))
    const covered = new Set([...candidates].filter((eventId) => this.has(eventId)))
    for (const { eventId, gone } of removed.toReversed()) this.add(eventId, (id) => gone.get(id))
    return covered
  }
}
