import pg from 'pg'
import type { DatabaseAddress } from '../../storage/database.ts'

/** PostgreSQL's processes report what they did ten seconds after they fell idle. */
const REPORTED_AFTER_MS = 11_000

/**
 * How many transactions a database has committed, up to now: reads outside of transactions, as syncs make them,
 * count one each. Waits until all of them are reported.
 */
export async function committedTransactions(address: DatabaseAddress): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, REPORTED_AFTER_MS))
  const client = new pg.Client(address)
  await client.connect()
  const { rows } = await client
    .query<{ count: string }>(
      'SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()',
    )
    .finally(() => client.end())
  return Number(rows[0]!.count)
}
