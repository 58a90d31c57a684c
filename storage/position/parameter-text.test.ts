import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../database.ts'
import { BatchExchange } from './batch-exchange.ts'
import { parameterText } from './parameter-text.ts'

let testDatabase: TestDatabase
let database: Database
let client: pg.Client

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  await database.pool.query(
    'CREATE TABLE kept (texts text[], numbers bigint[], flags boolean[], bytes bytea[], one text)',
  )
  client = new pg.Client(testDatabase.address)
  await client.connect()
})

afterAll(async () => {
  await client.end()
  await database.close()
  await testDatabase.close()
})

const INSERT = {
  name: 'keep',
  text: 'INSERT INTO kept SELECT $1::text[], $2::bigint[], $3::boolean[], $4::bytea[], $5::text',
}

/** Texts with what array literals treat in a way of their own. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && value.isWellFormed()),
  fc.constantFrom('', 'NULL', 'null', '"', '\\', '{}', ',', ' a ', '\\x00', "'"),
)

function orNull<Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<(Value | null)[]> {
  return fc.array(fc.option(values), { maxLength: 4 })
}

test('what is sent is what is stored', async () => {
  const prepared = new Set<string>()
  const bytes = fc.uint8Array({ maxLength: 8 }).map((value) => Buffer.from(value))
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(
        orNull(text),
        orNull(fc.maxSafeInteger()),
        orNull(fc.boolean()),
        orNull(bytes),
        fc.option(text),
      ),
      async (values) => {
        await database.pool.query('TRUNCATE kept')
        const end = await BatchExchange.run(client, [{ ...INSERT, values }], prepared)
        expect(end.kind).toBe('committed')
        const { rows } = await database.pool.query({ text: 'SELECT * FROM kept', rowMode: 'array' })
        const [texts, numbers, flags, stored, one] = values
        expect(rows).toEqual([
          [texts, numbers.map((n) => (n === null ? null : String(n))), flags, stored, one],
        ])
      },
    ),
    { numRuns: 60 },
  )
})

test('other values are refused', () => {
  expect(() => parameterText({})).toThrow(TypeError)
  expect(() => parameterText([[1]])).toThrow(TypeError)
})
