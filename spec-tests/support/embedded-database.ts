import { setTimeout as delay } from 'node:timers/promises'
import { clusterOf } from '../../storage/embedded/placement.ts'
import { isPostgres, readPostmasterFile } from '../../storage/embedded/postmaster-file.ts'

const POLL_MS = 20

/** SIGKILL of the PostgreSQL of a data directory: what it has not written to disk is lost. */
export async function killEmbeddedDatabase(dataDir: string): Promise<void> {
  const postmaster = await readPostmasterFile(await clusterOf(dataDir))
  if (!postmaster || !(await isPostgres(postmaster.pid))) return
  process.kill(postmaster.pid, 'SIGKILL')
  while (await isPostgres(postmaster.pid)) await delay(POLL_MS)
}
