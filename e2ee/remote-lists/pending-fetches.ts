/** Lists that are being fetched; a change that is told meanwhile may not be in what the other server answers. */
export class PendingFetches {
  readonly #pending = new Set<{ readonly users: ReadonlySet<string>; readonly touched: Set<string> }>()

  /** A change of a user has been told. Called before it is stored. */
  touch(userId: string): void {
    for (const { users, touched } of this.#pending) if (users.has(userId)) touched.add(userId)
  }

  /** Runs `fetch`, which stores what comes, and hands it the users who have been touched so far. */
  async during<Result>(
    userIds: Iterable<string>,
    fetch: (touched: ReadonlySet<string>) => Promise<Result>,
  ): Promise<Result> {
    const pending = { users: new Set(userIds), touched: new Set<string>() }
    this.#pending.add(pending)
    try {
      return await fetch(pending.touched)
    } finally {
      this.#pending.delete(pending)
    }
  }
}
