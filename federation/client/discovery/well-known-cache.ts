import { LRUCache } from 'lru-cache'
import { errorLifetime, MAX_LIFETIME_MS } from './cache-lifetime.ts'
import { NoWellKnownError, type WellKnownAnswer } from './well-known.ts'

/** Some 200 bytes each. */
const MAX_HOSTS = 20_000

interface Entry {
  readonly delegate: string | undefined
  readonly freshUntil: number
  /** When the delegate was last heard from the host itself. */
  readonly confirmedAt: number
  readonly failures: number
}

/**
 * Remembers what hosts delegate to, failures included. A host that fails for a while keeps the delegate that it
 * named before, within the longest lifetime: an unreachable website must not move a homeserver.
 *
 * @param fetch asks the host; rejects when it names no delegate.
 * @returns the delegate of a host, or undefined.
 */
export function wellKnownCache(
  fetch: (host: string, now: number) => Promise<WellKnownAnswer>,
  clock: () => number = Date.now,
): (host: string) => Promise<string | undefined> {
  const entries = new LRUCache<string, Entry>({ max: MAX_HOSTS })
  const running = new Map<string, Promise<Entry>>()

  const refresh = async (host: string, known: Entry | undefined): Promise<Entry> => {
    const now = clock()
    try {
      const { delegate, lifetimeMs } = await fetch(host, now)
      return { delegate, freshUntil: now + lifetimeMs, confirmedAt: now, failures: 0 }
    } catch (error) {
      const final = error instanceof NoWellKnownError && error.final
      const failures = (known?.failures ?? 0) + 1
      const keeps = !final && known !== undefined && now - known.confirmedAt < MAX_LIFETIME_MS
      return {
        delegate: keeps ? known.delegate : undefined,
        freshUntil: now + errorLifetime(failures),
        confirmedAt: known?.confirmedAt ?? 0,
        failures,
      }
    }
  }

  return async (host) => {
    const known = entries.get(host)
    if (known && known.freshUntil > clock()) return known.delegate
    let asked = running.get(host)
    if (!asked) {
      asked = refresh(host, known).finally(() => running.delete(host))
      running.set(host, asked)
    }
    const entry = await asked
    entries.set(host, entry)
    return entry.delegate
  }
}
