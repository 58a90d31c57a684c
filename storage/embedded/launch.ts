import { setTimeout as delay } from 'node:timers/promises'
import type { BaseLogger } from 'pino'
import type { DatabaseAddress } from '../database.ts'
import { DatabaseUnusableError } from './database-unusable-error.ts'
import { claimOwnership, type Ownership } from './ownership.ts'
import type { Placement } from './placement.ts'
import { disownPid, isPostgres, readPostmasterFile } from './postmaster-file.ts'
import { logTail, spawnPostmaster, stopPostmaster, type Postmaster } from './postmaster.ts'
import { socketAddress, waitUntilReady } from './socket-address.ts'
import { makeSocketDirectory, removeShortSocketDirectory } from './socket-directory.ts'

/** The workers of a killed PostgreSQL end within a second or two, and until then a new one refuses to start. */
const LAUNCH_ATTEMPTS = 40
const LAUNCH_PAUSE_MS = 250

/** What a launch needs to know. */
export interface LaunchPlan {
  readonly placement: Placement
  readonly dataDir: string
  readonly log: BaseLogger
  readonly signal?: AbortSignal | undefined
  /** The socket directory to use again when PostgreSQL is started anew under the same pools. */
  readonly socketDirectory?: string
}

/** A serving PostgreSQL that this process has claimed. */
export interface Launched {
  readonly postmaster: Postmaster
  readonly ownership: Ownership
  readonly socketDirectory: string
}

/** Stops what a killed server left running; refuses when its server lives. */
async function takeOverLeftover({ placement, dataDir, log }: LaunchPlan): Promise<void> {
  const leftover = await readPostmasterFile(placement.cluster)
  if (!leftover) return
  const { pid, socketDirectory } = leftover
  if (!(await isPostgres(pid))) return disownPid(placement.cluster, pid)
  // Another start is at it in this moment; without a directory the client would try the machine's own PostgreSQL.
  if (socketDirectory === undefined) return
  if (await waitUntilReady(socketAddress(socketDirectory, 'postgres'), () => isPostgres(pid))) {
    const claim = await claimUnlessGone(socketAddress(socketDirectory, 'postgres'), dataDir)
    if (!claim) return
    log.warn({ pid }, 'The last run was killed and left its PostgreSQL running: taking it over')
    await claim.release()
    await stopPostmaster(pid)
  }
  await removeShortSocketDirectory(socketDirectory)
}

/** As `claimOwnership`; undefined where another start, which thinks this PostgreSQL a leftover, has just ended it. */
async function claimUnlessGone(address: DatabaseAddress, dataDir: string): Promise<Ownership | undefined> {
  try {
    return await claimOwnership(address, dataDir)
  } catch (error) {
    if (error instanceof DatabaseUnusableError) throw error
    return undefined
  }
}

async function tryLaunch(plan: LaunchPlan): Promise<Launched | undefined> {
  const { placement, signal } = plan
  await takeOverLeftover(plan)
  const socketDirectory = plan.socketDirectory ?? (await makeSocketDirectory(placement.home, placement.user))
  const postmaster = await spawnPostmaster(placement, socketDirectory)
  const killed = (): void => postmaster.kill()
  process.once('exit', killed)
  try {
    const address = socketAddress(socketDirectory, 'postgres')
    const alive = async (): Promise<boolean> => !postmaster.hasEnded() && !signal?.aborted
    if (await waitUntilReady(address, alive)) {
      const file = await readPostmasterFile(placement.cluster)
      // Two starts at once share the socket directory: the one that answers may be the other's.
      if (file?.pid === postmaster.pid) {
        const ownership = await claimUnlessGone(address, plan.dataDir)
        if (ownership) return { postmaster, socketDirectory, ownership }
      }
    }
  } finally {
    process.off('exit', killed)
  }
  if (!postmaster.hasEnded()) await stopPostmaster(postmaster.pid)
  if (!plan.socketDirectory) await removeShortSocketDirectory(socketDirectory)
  return undefined
}

/**
 * Starts PostgreSQL on an existing cluster and claims it, after ending what a killed run left behind.
 *
 * @throws DatabaseUnusableError when another server uses the data, when PostgreSQL does not start, or when the
 *   start was interrupted.
 */
export async function launch(plan: LaunchPlan): Promise<Launched> {
  for (let attempt = 1; attempt <= LAUNCH_ATTEMPTS; attempt++) {
    if (plan.signal?.aborted) throw new DatabaseUnusableError('The start was interrupted.')
    const launched = await tryLaunch(plan)
    if (launched) return launched
    await delay(LAUNCH_PAUSE_MS)
  }
  const log = await logTail(plan.placement.home)
  throw new DatabaseUnusableError(`The embedded PostgreSQL does not start. It says:\n${log}`)
}
