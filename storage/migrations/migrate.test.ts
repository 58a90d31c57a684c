import { afterEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase } from '../database.ts'
import { migrations } from './index.ts'
import { migrate } from './migrate.ts'

const names = Object.keys(migrations).toSorted()
const opened: TestDatabase[] = []

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
})

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ empty: true })
  opened.push(database)
  return database
}

/** Tables, columns, indexes, functions and sequences, as text that two schemas can be compared by. */
async function describeSchema({ address }: TestDatabase): Promise<readonly string[]> {
  const database = openDatabase(address, { poolSize: 1 })
  try {
    const { rows } = await database.pool.query<{ line: string }>(
      `SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
         FROM information_schema.columns WHERE table_schema = 'public'
       UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
       UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       UNION ALL SELECT format('%s by %s', sequencename, increment_by) FROM pg_sequences WHERE schemaname = 'public'
       ORDER BY 1`,
    )
    return rows.map((row) => row.line)
  } finally {
    await database.close()
  }
}

describe('the migrations', () => {
  it('make the schema from nothing, and do nothing the second time', async () => {
    const { address } = await emptyDatabase()
    expect((await migrate(address)).applied).toEqual(names)
    expect((await migrate(address)).applied).toEqual([])
  })

  it('make the same schema one by one, each from the one before it', async () => {
    const atOnce = await emptyDatabase()
    await migrate(atOnce.address)
    const stepwise = await emptyDatabase()
    for (const name of names) expect((await migrate(stepwise.address, name)).applied).toEqual([name])
    expect(await describeSchema(stepwise)).toEqual(await describeSchema(atOnce))
  })

  it('run once when several processes start together', async () => {
    const { address } = await emptyDatabase()
    const reports = await Promise.all([migrate(address), migrate(address), migrate(address)])
    expect(reports.flatMap((report) => report.applied).toSorted()).toEqual(names)
  })
})
