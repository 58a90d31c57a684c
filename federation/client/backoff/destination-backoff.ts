import type { Queries } from '../../../storage/database.ts'
import {
  clearFailures,
  failingDestinations,
  recordFailure,
  type FailingDestination,
} from '../../../storage/federation/destinations.ts'
import { nextInterval, type RetryPolicy } from './retry-policy.ts'

/** How long this process trusts what it last read: others may have heard from the server meanwhile. */
const REMEMBERED_MS = 60_000
/** Far more than fail of the servers that a large server knows; about 100 bytes each. */
const MAX_FAILING = 50_000

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

export function destinationBackoff(
  queries: Queries,
  policy: RetryPolicy,
  clock: () => number = Date.now,
): DestinationBackoff {
  const recovered: ((serverName: string) => void)[] = []
  let failing = new Map<string, FailingDestination>()
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  /** One query for all, however many servers are in the room that something is sent to. */
  const readAll = async (): Promise<void> => {
    const rows = await failingDestinations(queries, MAX_FAILING)
    failing = new Map(rows.map((row) => [row.serverName, row]))
    readAt = performance.now()
  }

  const read = async (serverName: string): Promise<FailingDestination | undefined> => {
    if (performance.now() - readAt > REMEMBERED_MS)
      await (reading ??= readAll().finally(() => (reading = undefined)))
    return failing.get(serverName)
  }

  return {
    async retryAt(serverName) {
      const found = await read(serverName)
      return found ? found.retryLast + found.retryInterval : 0
    },

    async failed(serverName, startedAt) {
      const before = await read(serverName)
      // Requests that were under way together fail together, and that is one failure.
      if (before && before.retryLast >= startedAt) return
      const now = clock()
      const failure: FailingDestination = {
        serverName,
        failingSince: before?.failingSince ?? now,
        retryLast: now,
        retryInterval: nextInterval(policy, before?.retryInterval ?? 0, Math.random),
      }
      failing.set(serverName, failure)
      await recordFailure(queries, failure)
      // What was read meanwhile may not know of it.
      failing.set(serverName, failure)
    },

    async heardFrom(serverName) {
      if (!(await read(serverName))) return
      failing.delete(serverName)
      await clearFailures(queries, serverName)
      failing.delete(serverName)
      for (const listener of recovered) listener(serverName)
    },

    onRecovered(listener) {
      recovered.push(listener)
    },
  }
}
