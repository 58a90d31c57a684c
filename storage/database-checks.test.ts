import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../spec-tests/support/test-database.ts'
import { inspectDatabase } from './database-checks.ts'
import { dropDatabase, inDatabase } from './embedded/databases.ts'

let database: TestDatabase
const latin = `meridian_test_latin_${process.pid}`
const icu = `meridian_test_icu_${process.pid}`

beforeAll(async () => {
  database = await createTestDatabase()
  const client = new pg.Client(database.address)
  await client.connect()
  const create = "TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
  await client.query(`CREATE DATABASE ${latin} ${create} ENCODING 'LATIN1'`)
  await client.query(`CREATE DATABASE ${icu} ${create} ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en'`)
  await client.end()
})

afterAll(async () => {
  await dropDatabase(database.address, latin)
  await dropDatabase(database.address, icu)
  await database.close()
})

test('a database as the server makes it has no problem', async () => {
  const facts = await inspectDatabase(database.address)
  expect(facts.problems).toEqual([])
  expect(Number.parseInt(facts.version, 10)).toBeGreaterThanOrEqual(15)
})

test('another encoding and another collation are refused, with what to do', async () => {
  const wrongEncoding = await inspectDatabase(inDatabase(database.address, latin))
  expect(wrongEncoding.problems).toEqual([expect.stringContaining('LATIN1')])
  const wrongCollation = await inspectDatabase(inDatabase(database.address, icu))
  expect(wrongCollation.problems).toEqual([expect.stringContaining("LC_COLLATE 'C'")])
})
