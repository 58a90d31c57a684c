import { LRUCache } from 'lru-cache'

/** After an answer: whoever names unknown keys of a server must not make us call it each time. */
const AFTER_ANSWER_MS = 10_000
/** After a first failure, doubling; short, because a server that has just started will soon be calling us. */
const AFTER_FAILURE_MS = 5_000
const MAX_AFTER_FAILURE_MS = 5 * 60_000
const MAX_SERVERS = 50_000

interface Pause {
  readonly until: number
  readonly failures: number
}

/** When a server was last asked for its keys, and so when it may be asked again. */
export interface FetchPause {
  mayAsk(server: string): boolean
  answered(server: string): void
  failed(server: string): void
}

export function fetchPause(clock: () => number = Date.now): FetchPause {
  const pauses = new LRUCache<string, Pause>({ max: MAX_SERVERS })
  return {
    mayAsk: (server) => (pauses.get(server)?.until ?? 0) <= clock(),
    answered: (server) => void pauses.set(server, { until: clock() + AFTER_ANSWER_MS, failures: 0 }),
    failed: (server) => {
      const failures = pauses.get(server)?.failures ?? 0
      const length = Math.min(AFTER_FAILURE_MS * 2 ** Math.min(failures, 16), MAX_AFTER_FAILURE_MS)
      pauses.set(server, { until: clock() + length, failures: failures + 1 })
    },
  }
}
