/**
 * Lets a few at a time do what many want to do in the same moment, first come, first served. Work that waits for
 * nothing but other turns of the queue then ends one after another; side by side all of it would end last.
 */
export class Turns {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** @param limit how many may be at it together. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Does `work` when its turn has come. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#limit) this.#running++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // Who comes next takes over this place, so that nobody gets in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
