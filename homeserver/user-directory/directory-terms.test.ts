import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { directoryQuery, directoryTerms } from './directory-terms.ts'

let test: TestDatabase
let database: Database
beforeAll(async () => {
  test = await createTestDatabase()
  database = openDatabase(test.address)
})
afterAll(async () => {
  await database.close()
  await test.close()
})

async function isFound(
  name: string,
  term: string,
  by: 'exact' | 'beginnings' | 'parts',
): Promise<boolean | undefined> {
  const query = directoryQuery(term)?.[by]
  if (query === undefined) return undefined
  const { rows } = await sql<{ found: boolean }>`
    SELECT array_to_tsvector(${directoryTerms('@localpart:server.test', name)}::text[]) @@ ${query}::tsquery AS found
  `.execute(database.queries)
  return rows[0]!.found
}

it('takes any name and any term, and finds a name by itself', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (name, term) => {
      await isFound(name, term, 'parts')
      expect([true, undefined]).toContain(await isFound(name, name, 'exact'))
    }),
  )
})

it.each([
  ['Alice Cooper', 'coop', true, true],
  ['Alice Cooper', 'COOPER ali', true, true],
  ['Alice Cooper', 'oop', false, true],
  ['Alice Cooper', 'op', false, undefined],
  ['Alice Cooper', 'alice bob', false, false],
  ['Alice', '@localpart:server.test', true, true],
  ['ＦＵＬＬ width', 'full', true, true],
])('finds %s by %s: beginnings %s, parts %s', async (name, term, beginnings, parts) => {
  expect(await isFound(name, term, 'beginnings')).toBe(beginnings)
  expect(await isFound(name, term, 'parts')).toBe(parts)
})
