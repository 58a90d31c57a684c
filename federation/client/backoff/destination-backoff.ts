import { LRUCache } from 'lru-cache'
import type { Queries } from '../../../storage/database.ts'
import {
  clearFailures,
  failingDestination,
  recordFailure,
  type FailingDestination,
} from '../../../storage/federation/destinations.ts'
import { nextInterval, type RetryPolicy } from './retry-policy.ts'

/** How long this process trusts what it last read: others may have heard from the server meanwhile. */
const REMEMBERED_MS = 60_000
const MAX_REMEMBERED = 50_000

/** Which servers are out of reach, shared by all that talk to them and kept over restarts. */
export interface DestinationBackoff {
  /** When the next request may go out, in milliseconds since the epoch; 0 for a server that is not failing. */
  retryAt(serverName: string): Promise<number>
  /** A request that went out at `startedAt` found the server out of reach. */
  failed(serverName: string, startedAt: number): Promise<void>
  /** The server has answered, or has sent a request that proved to be its own. */
  heardFrom(serverName: string): Promise<void>
  /** Calls `listener` when a failing server is heard from again. */
  onRecovered(listener: (serverName: string) => void): void
}

type Known = { readonly failing: FailingDestination | undefined }

export function destinationBackoff(
  queries: Queries,
  policy: RetryPolicy,
  clock: () => number = Date.now,
): DestinationBackoff {
  const remembered = new LRUCache<string, Known>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS })
  const recovered: ((serverName: string) => void)[] = []

  const read = async (serverName: string): Promise<FailingDestination | undefined> => {
    const known = remembered.get(serverName)
    if (known) return known.failing
    const failing = await failingDestination(queries, serverName)
    remembered.set(serverName, { failing })
    return failing
  }

  return {
    async retryAt(serverName) {
      const failing = await read(serverName)
      return failing ? failing.retryLast + failing.retryInterval : 0
    },

    async failed(serverName, startedAt) {
      const before = await read(serverName)
      // Requests that were under way together fail together, and that is one failure.
      if (before && before.retryLast >= startedAt) return
      const now = clock()
      const failing: FailingDestination = {
        serverName,
        failingSince: before?.failingSince ?? now,
        retryLast: now,
        retryInterval: nextInterval(policy, before?.retryInterval ?? 0, Math.random),
      }
      remembered.set(serverName, { failing })
      await recordFailure(queries, failing)
    },

    async heardFrom(serverName) {
      const failing = await read(serverName)
      if (!failing) return
      remembered.set(serverName, { failing: undefined })
      await clearFailures(queries, serverName)
      for (const listener of recovered) listener(serverName)
    },

    onRecovered(listener) {
      recovered.push(listener)
    },
  }
}
