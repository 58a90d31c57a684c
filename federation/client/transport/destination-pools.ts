import { LRUCache } from 'lru-cache'
import { Pool } from 'undici'
import { atMost } from '../../../homeserver/turns/at-most.ts'
import type { ResolvedServer } from '../discovery/resolved-server.ts'
import type { Dial } from './dial.ts'

/** Destinations with open connections at a time; a server in large rooms talks to a few thousand. */
const MAX_POOLS = 2_000
/** A pool that nobody has used for this long is closed. */
const IDLE_POOL_MS = 5 * 60_000
/** Parallel requests to one destination: transactions, queries and media side by side. */
const CONNECTIONS_PER_DESTINATION = 8
/** Shorter than the 75 s after which common reverse proxies close, so that we seldom write into a closed one. */
const KEEP_ALIVE_MS = 60_000

/** Requests for whole states may run for minutes; nobody waits so long for a server to stop. */
const CLOSE_GRACE_MS = 3_000
/** Headers of an answer, far more than any server sends; the connection is closed beyond. */
const MAX_HEADER_BYTES = 16 * 1024

interface OpenPool {
  readonly pool: Pool
  readonly server: ResolvedServer
}

/** Connections to other servers, one pool for each destination. */
export interface DestinationPools {
  /** The pool that leads to `server`; a destination that has moved gets a new one. */
  to(destination: string, server: ResolvedServer): Pool
  /** Lets running requests end, for a while, and closes everything. */
  close(): Promise<void>
}

export function destinationPools(dial: Dial): DestinationPools {
  const closing = new Map<Pool, Promise<void>>()
  const open = new LRUCache<string, OpenPool>({
    max: MAX_POOLS,
    ttl: IDLE_POOL_MS,
    updateAgeOnGet: true,
    ttlAutopurge: true,
    dispose: ({ pool }) => {
      closing.set(
        pool,
        pool.close().finally(() => closing.delete(pool)),
      )
    },
  })

  return {
    to(destination, server) {
      const known = open.get(destination)
      if (known && leadsTo(known.server, server)) return known.pool
      const pool = createPool(dial, server)
      open.set(destination, { pool, server })
      return pool
    },
    async close() {
      open.clear()
      await atMost(CLOSE_GRACE_MS, Promise.all(closing.values()))
      await Promise.all([...closing.keys()].map((pool) => pool.destroy()))
    },
  }
}

function createPool(dial: Dial, server: ResolvedServer): Pool {
  // The origin is a placeholder: where to connect and what to send as Host comes from discovery.
  return new Pool('https://destination.invalid', {
    connections: CONNECTIONS_PER_DESTINATION,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Each request brings its own deadline.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_options, callback) => {
      dial(server).then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      )
    },
  })
}

function leadsTo(known: ResolvedServer, wanted: ResolvedServer): boolean {
  if (known === wanted) return true
  const places = (server: ResolvedServer): string =>
    server.endpoints
      .map(({ host, port }) => `${host} ${port}`)
      .sort()
      .join()
  return (
    known.hostHeader === wanted.hostHeader &&
    known.certificateName === wanted.certificateName &&
    places(known) === places(wanted)
  )
}
