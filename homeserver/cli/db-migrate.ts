import { loadConfig } from '../config/load-config.ts'
import { createLogger } from '../logging/create-logger.ts'
import { provideDatabase } from '../../storage/embedded/provide-database.ts'
import { migrate } from '../../storage/migrations/migrate.ts'
import { configSource, type SourceOptions } from './source-options.ts'

/** `meridian db migrate`: brings the schema up to date without serving. @returns what was done. */
export async function migrateDatabase(options: SourceOptions): Promise<string> {
  const config = await loadConfig(configSource(options))
  const log = createLogger(config.operations.logLevel)
  const database = await provideDatabase(config.database, { dataDir: config.dataDir, log })
  try {
    const { applied } = await migrate(database.address)
    if (applied.length === 0) return 'The schema is up to date.'
    return ['Applied:', ...applied.map((name) => `  ${name}`)].join('\n')
  } finally {
    await database.stop()
  }
}
