import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { BaseLogger } from 'pino'
import type { DatabaseAddress } from '../database.ts'
import { ensureCluster, SUPERUSER } from './cluster.ts'
import { createDatabase } from './databases.ts'
import { EmbeddedDatabaseError } from './embedded-database-error.ts'
import { claimOwnership, type Ownership } from './ownership.ts'
import { placeDatabase, type Placement } from './placement.ts'
import { logTail, signalPostmaster, spawnPostmaster, stopPostmaster, type Postmaster } from './postmaster.ts'
import { disownPid, isPostgres, readPostmasterFile } from './postmaster-file.ts'
import { makeSocketDirectory, removeShortSocketDirectory, SOCKET_PORT } from './socket-directory.ts'

/** Recovery after a crash replays the log since the last checkpoint, which takes minutes at the very worst. */
const READY_TIMEOUT_MS = 10 * 60_000
const READY_POLL_MS = 15
/** The workers of a killed PostgreSQL end within a second or two, and until then a new one refuses to start. */
const START_ATTEMPTS = 40
const START_PAUSE_MS = 250
/** PostgreSQL's code while it starts or recovers (manual, appendix A). */
const CANNOT_CONNECT_NOW = '57P03'
const DATABASE_NAME = 'meridian'

export interface EmbeddedDatabaseOptions {
  /** The server's data directory; the database lives in it, or in a place that a file in it names. */
  readonly dataDir: string
  readonly log: BaseLogger
  /** False gives up durability for speed; for tests whose data is thrown away. */
  readonly durable?: boolean
  /** Interrupts the start; what has been started until then is stopped. */
  readonly signal?: AbortSignal
}

/** A PostgreSQL of our own that serves until `stop()`. */
export interface EmbeddedDatabase {
  readonly address: DatabaseAddress
  /** The same as a connection string. */
  readonly url: string
  readonly pid: number
  /** Ends PostgreSQL cleanly. The server's own connections should be closed by then. */
  stop(): Promise<void>
}

function addressOf(socketDirectory: string, database: string): DatabaseAddress {
  return { host: socketDirectory, port: SOCKET_PORT, user: SUPERUSER, database }
}

/** The connection string of a database behind a Unix socket. */
export function socketUrl(address: DatabaseAddress): string {
  const name = encodeURIComponent(address.database ?? '')
  return `postgresql://${address.user}@localhost:${address.port}/${name}?host=${encodeURIComponent(address.host ?? '')}`
}

async function waitUntilReady(address: DatabaseAddress, running: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (performance.now() < deadline && (await running())) {
    const client = new pg.Client(address)
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.end()
      return true
    } catch (error) {
      const code = (error as { code?: string }).code
      if (code !== 'ENOENT' && code !== 'ECONNREFUSED' && code !== 'ECONNRESET' && code !== CANNOT_CONNECT_NOW) throw error
    }
    await delay(READY_POLL_MS)
  }
  return false
}

/** Stops what a killed server left running; refuses when its server lives. */
async function takeOverLeftover(placement: Placement, options: EmbeddedDatabaseOptions): Promise<void> {
  const leftover = await readPostmasterFile(placement.cluster)
  if (!leftover) return
  const { pid, socketDirectory } = leftover
  if (!(await isPostgres(pid))) {
    await disownPid(placement.cluster, pid)
    return removeShortSocketDirectory(socketDirectory)
  }
  const address = addressOf(socketDirectory, 'postgres')
  if (await waitUntilReady(address, () => isPostgres(pid))) {
    const claim = await claimOwnership(address, options.dataDir)
    await claim.release()
    options.log.warn({ pid }, 'The last run was killed and its PostgreSQL is still running: taking it over')
    await stopPostmaster(pid)
  }
  await removeShortSocketDirectory(socketDirectory)
}

async function startOnce(
  placement: Placement,
  options: EmbeddedDatabaseOptions,
): Promise<{ postmaster: Postmaster; socketDirectory: string } | undefined> {
  await takeOverLeftover(placement, options)
  const socketDirectory = await makeSocketDirectory(placement.home, placement.user)
  const postmaster = await spawnPostmaster(placement, socketDirectory)
  const address = addressOf(socketDirectory, 'postgres')
  const running = async (): Promise<boolean> => !postmaster.hasEnded() && !options.signal?.aborted
  if (await waitUntilReady(address, running)) {
    const file = await readPostmasterFile(placement.cluster)
    // Two starts at once share the socket directory: the one that answers may be the other's.
    if (file?.pid === postmaster.pid) return { postmaster, socketDirectory }
  }
  if (!postmaster.hasEnded()) await stopPostmaster(postmaster.pid)
  await removeShortSocketDirectory(socketDirectory)
  return undefined
}
