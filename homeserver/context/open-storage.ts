import type { Logger } from 'pino'
import { inspectDatabase } from '../../storage/database-checks.ts'
import { openDatabase, type Database, type DatabaseAddress } from '../../storage/database.ts'
import { startEmbeddedDatabase } from '../../storage/embedded/start-embedded-database.ts'
import { migrate } from '../../storage/migrations/migrate.ts'
import { claimDatabase } from '../../storage/position/process-claim.ts'
import type { Config } from '../config/config.ts'

/**
 * Opens the configured database with the newest schema; starts the embedded one first where no other is
 * configured. Everything that is opened is closed by `closing`, in reverse.
 *
 * @throws Error with a sentence for the administrator when the database cannot be used.
 */
export async function openStorage(
  config: Config,
  log: Logger,
  signal: AbortSignal,
  closing: AsyncDisposableStack,
): Promise<Database> {
  const address = await databaseAddress(config, log, signal, closing)
  const claim = await claimDatabase(address, () => {
    log.fatal('another process has taken the database over while it could not be reached: stopping')
    process.kill(process.pid, 'SIGTERM')
  })
  closing.defer(() => claim.release())
  const { applied } = await migrate(address)
  if (applied.length > 0) log.info({ migrations: applied }, 'database schema brought up to date')
  const database = openDatabase(address, {
    poolSize: config.database.poolSize,
    onError: (error) => log.warn({ err: error }, 'a database connection was lost'),
  })
  closing.defer(() => database.close())
  return database
}

async function databaseAddress(
  { database, dataDir }: Config,
  log: Logger,
  signal: AbortSignal,
  closing: AsyncDisposableStack,
): Promise<DatabaseAddress> {
  if (database.kind === 'embedded') {
    const embedded = await startEmbeddedDatabase({ dataDir, log, signal })
    closing.defer(() => embedded.stop())
    return embedded.address
  }
  const { problems } = await inspectDatabase(database.address)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return database.address
}
