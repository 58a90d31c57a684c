/**
 * Times of create events, no two the same: where the room's id is the hash of that event, a user who makes two rooms
 * alike in one millisecond would else make one room twice.
 */
export class CreationClock {
  #last = 0

  /** The time for the next create event, `now` or a little later. Milliseconds since the epoch. */
  next(now: number): number {
    this.#last = Math.max(now, this.#last + 1)
    return this.#last
  }
}
