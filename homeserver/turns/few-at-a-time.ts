/** More work waits than is worth waiting for. */
export class QueueFullError extends Error {
  constructor(maxWaiting: number) {
    super(`${maxWaiting} others wait already`)
    this.name = 'QueueFullError'
  }
}

/** Does so many pieces of work side by side; further ones wait in the order in which they came. */
export class FewAtATime {
  readonly #maxRunning: number
  readonly #maxWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** @param maxWaiting from when on work is refused. */
  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning
    this.#maxWaiting = maxWaiting
  }

  /** Does `work` when its turn has come. @throws QueueFullError without having begun, and what the work throws. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#maxRunning) this.#running += 1
    else if (this.#waiting.length >= this.#maxWaiting) throw new QueueFullError(this.#maxWaiting)
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // A place is handed over rather than given back, so that nobody who comes now slips in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }
}
