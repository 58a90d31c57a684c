import { randomBytes } from 'node:crypto'

const EPOCH_BYTES = 6

/**
 * Counts the changes of all that is never stored, so that one number in a sync token says what a client knows of it.
 * Numbers count within an epoch, which is one life of the process.
 */
export class EphemeralClock {
  readonly epoch = randomBytes(EPOCH_BYTES).toString('base64url')
  #version = 0

  /** The number of the newest change. */
  get version(): number {
    return this.#version
  }

  /** The number of a change that happens now. */
  advance(): number {
    return ++this.#version
  }
}
