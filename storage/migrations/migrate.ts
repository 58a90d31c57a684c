import { Migrator, type Migration } from 'kysely/migration'
import { openDatabase, type DatabaseAddress } from '../database.ts'
import { migrations } from './index.ts'

/** What a run of the migrations did. */
export interface MigrationReport {
  /** Names of the migrations that ran now, in order; empty when the schema was up to date. */
  readonly applied: readonly string[]
}

/**
 * Brings the schema to the newest version, or to the one named. Concurrent callers wait for each other on
 * kysely's migration lock.
 *
 * @throws the database's error of the migration that failed; the failed one leaves nothing behind.
 */
export async function migrate(address: DatabaseAddress, upTo?: string): Promise<MigrationReport> {
  const database = openDatabase(address, { poolSize: 1 })
  try {
    const migrator = new Migrator({
      db: database.queries,
      provider: { getMigrations: async (): Promise<Record<string, Migration>> => migrations },
    })
    const { error, results } = upTo ? await migrator.migrateTo(upTo) : await migrator.migrateToLatest()
    if (error) throw error
    return { applied: (results ?? []).filter((r) => r.status === 'Success').map((r) => r.migrationName) }
  } finally {
    await database.close()
  }
}
