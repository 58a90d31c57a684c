import { isAfter, type StreamPosition } from '../../storage/position/position.ts'

interface Entry<Fact> {
  readonly fact: Fact
  readonly position: StreamPosition
}

/** The newest facts of one kind in the order of the stream, so that most questions need no database. */
export class RecentLog<Fact> {
  readonly #max: number
  #entries: Entry<Fact>[] = []
  #floor: StreamPosition

  /** @param from everything committed later will be added. @param max facts that are kept, up to twice as many for a while. */
  constructor(from: StreamPosition, max: number) {
    this.#floor = from
    this.#max = max
  }

  add(position: StreamPosition, fact: Fact): void {
    this.#entries.push({ position, fact })
    if (this.#entries.length < 2 * this.#max) return
    this.#floor = this.#entries[this.#max - 1]!.position
    this.#entries = this.#entries.slice(this.#max)
  }

  /** The facts of a stretch; undefined when it begins before what is remembered. */
  between(after: StreamPosition, upTo: StreamPosition): Fact[] | undefined {
    if (isAfter(this.#floor, after)) return undefined
    const facts: Fact[] = []
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const { position, fact } = this.#entries[index]!
      if (!isAfter(position, after)) break
      if (!isAfter(position, upTo)) facts.push(fact)
    }
    return facts.reverse()
  }
}
