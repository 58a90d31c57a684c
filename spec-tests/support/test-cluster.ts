import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { DatabaseAddress } from '../../storage/database.ts'
import { createDatabase, dropDatabase, inDatabase } from '../../storage/embedded/databases.ts'
import { readPostmasterFile, isPostgres } from '../../storage/embedded/postmaster-file.ts'
import { signalPostmaster } from '../../storage/embedded/postmaster.ts'
import { startEmbeddedDatabase } from '../../storage/embedded/start-embedded-database.ts'
import { migrate } from '../../storage/migrations/migrate.ts'

/** A PostgreSQL of tests, with a template of the newest schema. */
export interface TestCluster {
  /** A database of the cluster in which test databases are created. */
  readonly address: DatabaseAddress
  /** The migrated database that each test database is a copy of. */
  readonly template: string
  stop(): Promise<void>
}

const DIRECTORY_PREFIX = 'meridian-test-'
/** Under root PostgreSQL runs as another account, which must get through to its data. */
const PASSABLE = 0o711

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Ends and removes the clusters of test runs that were killed; the directory's name holds the run's process id. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${DIRECTORY_PREFIX}(\\d+)-`).exec(name)?.[1] ?? 'none')
    if (!Number.isSafeInteger(pid) || isAlive(pid)) continue
    const directory = join(tmpdir(), name)
    const postmaster = await readPostmasterFile(join(directory, 'postgresql', 'cluster'))
    if (postmaster && (await isPostgres(postmaster.pid))) signalPostmaster(postmaster.pid, 'SIGQUIT')
    await rm(directory, { recursive: true, force: true }).catch(() => undefined)
  }
}

async function startCluster(): Promise<{ address: DatabaseAddress; stop(): Promise<void> }> {
  const external = process.env['MERIDIAN_TEST_DATABASE_URL']
  if (external) return { address: { connectionString: external }, stop: async () => undefined }
  await removeLeftovers()
  const dataDir = await mkdtemp(join(tmpdir(), `${DIRECTORY_PREFIX}${process.pid}-`))
  await chmod(dataDir, PASSABLE)
  const database = await startEmbeddedDatabase({ dataDir, durable: false, log: pino({ level: 'warn' }) })
  const stop = async (): Promise<void> => {
    await database.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { address: database.address, stop }
}

/**
 * Starts one PostgreSQL (or uses that of `MERIDIAN_TEST_DATABASE_URL`, whose user must be allowed to create databases)
 * and makes the migrated template in it.
 */
export async function startTestCluster(): Promise<TestCluster> {
  const cluster = await startCluster()
  const template = `meridian_test_template_${process.pid}`
  await dropDatabase(cluster.address, template)
  await createDatabase(cluster.address, template)
  await migrate(inDatabase(cluster.address, template))
  return {
    address: cluster.address,
    template,
    stop: async () => {
      await dropDatabase(cluster.address, template)
      await cluster.stop()
    },
  }
}
