import pg from 'pg'
import { expect, test } from 'vitest'
import { createTestDatabase } from './test-database.ts'

async function ask(address: pg.ClientConfig, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(address)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

test('every test database is fresh, migrated and apart from the others', async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()])
  await ask(one.address, 'create table only_here (n int)')
  const found =
    "select to_regclass('only_here') is not null as found, to_regclass('kysely_migration') is not null as migrated"
  expect(await ask(one.address, found)).toEqual([{ found: true, migrated: true }])
  expect(await ask(two.address, found)).toEqual([{ found: false, migrated: true }])
  await Promise.all([one.close(), two.close()])
  await expect(ask(one.address, 'select 1')).rejects.toThrow('does not exist')
})

test('an empty one has no schema, and the encoding and collation that the server needs', async () => {
  const database = await createTestDatabase({ empty: true })
  const rows = await ask(
    database.address,
    `select pg_encoding_to_char(encoding) as encoding, datcollate as collate,
       to_regclass('kysely_migration') is null as empty from pg_database where datname = current_database()`,
  )
  expect(rows).toEqual([{ encoding: 'UTF8', collate: 'C', empty: true }])
  await database.close()
})
