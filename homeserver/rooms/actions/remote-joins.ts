/**
 * Lets one join through other servers run at a time for each room: the second one finds this server in the room
 * and joins here.
 */
export class RemoteJoins {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Runs `work` after what was given before for the same room. */
  inTurn<Result>(roomId: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(roomId) ?? Promise.resolve()
    const turn = before.then(work, work)
    const tail = turn
      .catch(() => undefined)
      .finally(() => {
        if (this.#tails.get(roomId) === tail) this.#tails.delete(roomId)
      })
    this.#tails.set(roomId, tail)
    return turn
  }
}
