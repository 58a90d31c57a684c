import pg from 'pg'
import { pino } from 'pino'
import type { DatabaseAddress } from '../../storage/database.ts'
import { createDatabase, dropDatabase } from '../../storage/embedded/databases.ts'
import { startEmbeddedDatabase } from '../../storage/embedded/start-embedded-database.ts'

/** What decides how much a commit costs, and how much memory the database has. */
const SETTINGS = [
  'server_version',
  'fsync',
  'full_page_writes',
  'synchronous_commit',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
]

/** One PostgreSQL, durable, on which every contestant of a comparison gets databases of its own. */
export interface ComparisonDatabase {
  settings: Record<string, string>
  /** An empty database under that name; what earlier runs left to be written is written first. */
  fresh(name: string): Promise<DatabaseAddress>
  drop(name: string): Promise<void>
  stop(): Promise<void>
}

/** @param dataDir an empty or absent directory */
export async function startComparisonDatabase(dataDir: string): Promise<ComparisonDatabase> {
  const embedded = await startEmbeddedDatabase({ dataDir, log: pino({ level: 'warn' }), durable: true })
  const query = async (sql: string): Promise<Record<string, string>[]> => {
    const client = new pg.Client(embedded.address)
    await client.connect()
    const { rows } = await client.query<Record<string, string>>(sql).finally(() => client.end())
    return rows
  }
  const settings: Record<string, string> = {}
  for (const name of SETTINGS) settings[name] = (await query(`SHOW ${name}`))[0]?.[name] ?? ''
  return {
    settings,
    async fresh(name) {
      await createDatabase(embedded.address, name)
      await query('CHECKPOINT')
      return { ...embedded.address, database: name }
    },
    drop: (name) => dropDatabase(embedded.address, name),
    stop: () => embedded.stop(),
  }
}
