import { setTimeout as delay } from 'node:timers/promises'
import type { BaseLogger } from 'pino'
import type { DatabaseAddress } from '../database.ts'
import { ensureCluster } from './cluster.ts'
import { createDatabase } from './databases.ts'
import { launch, type Launched, type LaunchPlan } from './launch.ts'
import { claimOwnership } from './ownership.ts'
import { placeDatabase } from './placement.ts'
import { stopPostmaster } from './postmaster.ts'
import { socketAddress, socketUrl, waitUntilReady } from './socket-address.ts'
import { removeShortSocketDirectory } from './socket-directory.ts'

/** The database of the server in its own cluster. */
export const DATABASE_NAME = 'meridian'
/** Between attempts to bring PostgreSQL back after it has died under us. */
const REVIVAL_PAUSE_MS = 1000

export interface EmbeddedDatabaseOptions {
  /** The server's data directory; the database lives in it, or in a place that a file in it names. */
  readonly dataDir: string
  readonly log: BaseLogger
  /** False gives up durability for speed, for tests whose data is thrown away. */
  readonly durable?: boolean
  /** Interrupts the start; what has been started until then is stopped. */
  readonly signal?: AbortSignal
}

/** A PostgreSQL of our own that serves until `stop()`. */
export interface EmbeddedDatabase {
  readonly address: DatabaseAddress
  /** The same as a connection string. */
  readonly url: string
  /** PostgreSQL's process id, which changes if it died and was started again. */
  pid(): number
  /** Ends PostgreSQL cleanly. The server's own connections should be closed by then. */
  stop(): Promise<void>
}

/** Brings PostgreSQL, or our claim on it, back after a crash of either. */
async function revive(plan: LaunchPlan, lost: Launched): Promise<Launched> {
  const { postmaster, socketDirectory } = lost
  const address = socketAddress(socketDirectory, 'postgres')
  if (!postmaster.hasEnded() && (await waitUntilReady(address, async () => !postmaster.hasEnded()))) {
    return { postmaster, socketDirectory, ownership: await claimOwnership(address, plan.dataDir) }
  }
  plan.log.error({ pid: postmaster.pid }, 'PostgreSQL has died: starting it again')
  return launch({ ...plan, socketDirectory })
}

/**
 * Starts the embedded PostgreSQL of a data directory, creating it at the first start. If PostgreSQL dies later
 * it is started again on the same socket, and pools reconnect by themselves.
 *
 * @throws DatabaseUnusableError with a sentence for the administrator: another server uses the data, it was
 *   written by another major version, or PostgreSQL cannot run here.
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const placement = await placeDatabase(options.dataDir, options.log)
  await ensureCluster(placement, options.durable ?? true, options.signal)
  const plan: LaunchPlan = { placement, dataDir: options.dataDir, log: options.log, signal: options.signal }
  let running = await launch(plan)
  let revival: Promise<void> | undefined
  const stopping = new AbortController()

  const bringBack = async (lost: Launched): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        running = await revive({ ...plan, signal: stopping.signal }, lost)
        return watch(running)
      } catch (error) {
        options.log.error({ err: error }, 'PostgreSQL could not be brought back')
        await delay(REVIVAL_PAUSE_MS)
      }
    }
  }
  const watch = (launched: Launched): void => {
    launched.ownership.onLost(() => {
      revival = bringBack(launched)
    })
  }
  const killAtExit = (): void => running.postmaster.kill()
  process.once('exit', killAtExit)
  const stop = async (): Promise<void> => {
    stopping.abort()
    await revival
    await running.ownership.release()
    await stopPostmaster(running.postmaster.pid)
    process.off('exit', killAtExit)
    await removeShortSocketDirectory(running.socketDirectory)
  }

  watch(running)
  try {
    const { socketDirectory } = running
    await createDatabase(socketAddress(socketDirectory, 'postgres'), DATABASE_NAME)
    const address = socketAddress(socketDirectory, DATABASE_NAME)
    return { address, url: socketUrl(address), pid: () => running.postmaster.pid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
