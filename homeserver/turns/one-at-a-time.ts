/** Does work under one key one after another, and under different keys side by side. */
export class OneAtATime {
  readonly #last = new Map<string, Promise<void>>()

  /** Does `work` once what was asked for before under the same key has ended. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const own = before.then(work)
    const ended = own.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(key, ended)
    try {
      return await own
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key)
    }
  }
}
