import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { DatabaseAddress } from '../database.ts'
import { SUPERUSER } from './cluster.ts'
import { SOCKET_PORT } from './socket-directory.ts'

/** Recovery after a crash replays the log since the last checkpoint, which takes minutes at the very worst. */
const READY_TIMEOUT_MS = 10 * 60_000
const READY_POLL_MS = 15
/** What a connection meets while PostgreSQL starts; 57P03 is `cannot_connect_now` (manual, appendix A). */
const NOT_YET = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', '57P03'])

/** A database of the cluster whose socket is in that directory. */
export function socketAddress(socketDirectory: string, database: string): DatabaseAddress {
  return { host: socketDirectory, port: SOCKET_PORT, user: SUPERUSER, database }
}

/** The same address as a connection string. */
export function socketUrl(address: DatabaseAddress): string {
  const database = encodeURIComponent(address.database ?? '')
  const directory = encodeURIComponent(address.host ?? '')
  return `postgresql://${address.user}@localhost:${address.port}/${database}?host=${directory}`
}

/**
 * Waits until PostgreSQL answers.
 *
 * @param alive asked between attempts; false ends the wait.
 * @returns whether it answered. Any error but "not yet" is thrown.
 */
export async function waitUntilReady(
  address: DatabaseAddress,
  alive: () => Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (performance.now() < deadline && (await alive())) {
    const client = new pg.Client(address)
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.end()
      return true
    } catch (error) {
      if (!NOT_YET.has((error as { code?: string }).code ?? '')) throw error
    }
    await delay(READY_POLL_MS)
  }
  return false
}
