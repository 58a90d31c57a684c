import { LRUCache } from 'lru-cache'
import { recordSightings, type DeviceSighting } from '../../storage/accounts/device-writer.ts'
import type { Queries } from '../../storage/database.ts'
import type { Session } from './sessions.ts'

/** How exact `last_seen_ts` is. */
const RESOLUTION_MS = 5 * 60_000
/** Sightings are written this long after they are noted, all in one statement. */
const WRITE_DELAY_MS = 10_000
const MAX_REMEMBERED = 100_000

/** Keeps `last_seen_ts` and `last_seen_ip` of devices, off the request path and at most once in five minutes each. */
export class LastSeen {
  readonly #queries: Queries
  readonly #onError: (error: unknown) => void
  readonly #recent = new LRUCache<string, number>({ maxSize: MAX_REMEMBERED, sizeCalculation: () => 1 })
  #pending: DeviceSighting[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(queries: Queries, onError: (error: unknown) => void) {
    this.#queries = queries
    this.#onError = onError
  }

  /** Notes that a device has been seen. */
  note({ userNid, deviceId }: Session, address: string, now: number): void {
    if (deviceId === undefined) return
    const key = `${userNid}/${deviceId}`
    if (now - (this.#recent.get(key) ?? 0) < RESOLUTION_MS) return
    this.#recent.set(key, now)
    this.#pending.push({ userNid, deviceId, seenTs: now, address })
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_DELAY_MS).unref()
  }

  /** Writes what has been noted. A failure loses it, which harms nobody. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const sightings = this.#pending
    this.#pending = []
    if (sightings.length > 0) await recordSightings(this.#queries, sightings).catch(this.#onError)
  }
}
