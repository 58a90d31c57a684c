import type { Queries } from '../../storage/database.ts'
import { recordAccesses } from '../../storage/media/media-writer.ts'
import type { MediaNid } from '../../storage/numeric-ids.ts'

/** Looks at media are written this long after the first of them, all in one statement. */
const WRITE_DELAY_MS = 60_000
/** From so many on they are written at once. */
const MAX_PENDING = 10_000

/** Keeps `media.accessed_ts`, by which what nobody looks at goes first, without a write for each look. */
export class AccessTimes {
  readonly #queries: Queries
  readonly #onError: (error: unknown) => void
  #pending = new Map<MediaNid, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(queries: Queries, onError: (error: unknown) => void) {
    this.#queries = queries
    this.#onError = onError
  }

  /** Notes that media was looked at. */
  note(nid: MediaNid, now: number): void {
    this.#pending.set(nid, now)
    if (this.#pending.size >= MAX_PENDING) void this.flush()
    else this.#timer ??= setTimeout(() => void this.flush(), WRITE_DELAY_MS).unref()
  }

  /** Writes what has been noted. A failure loses it, which harms nobody. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const accesses = this.#pending
    this.#pending = new Map()
    if (accesses.size > 0) await recordAccesses(this.#queries, accesses).catch(this.#onError)
  }
}
