import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../database.ts'
import { Interner } from '../interning/interner.ts'
import { insertLoginToken, takeLoginToken } from './login-tokens.ts'
import { pruneAccounts } from './prune-accounts.ts'
import { insertTokens } from './token-writer.ts'
import { findUiaSession, insertUiaSession } from './uia-sessions.ts'

const DAY_MS = 24 * 3_600_000
const NOW = 1_000 * DAY_MS

let testDatabase: TestDatabase
let database: Database
beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

test('what has expired goes, what may still be used stays', async () => {
  const { queries } = database
  const userNid = await new Interner(database.pool).userNid('@alice:test.example')
  const hash = (text: string) => Buffer.from(text.padEnd(32))
  for (const [name, expiresTs] of Object.entries({
    old: NOW - 40 * DAY_MS,
    recent: NOW - DAY_MS,
    endless: null,
  })) {
    const tokens = { userNid, deviceId: name, accessHash: hash(name), expiresTs, createdTs: 1 }
    await insertTokens(queries, { ...tokens, refreshHash: null, replacesRefreshHash: null })
  }
  await insertUiaSession(queries, { sessionId: 'old', purpose: 'x', createdTs: NOW - DAY_MS, userNid })
  await insertUiaSession(queries, { sessionId: 'new', purpose: 'x', createdTs: NOW, userNid: null })
  await insertLoginToken(queries, hash('old'), userNid, NOW - 1)
  await insertLoginToken(queries, hash('new'), userNid, NOW + 1)
  await pruneAccounts(queries, NOW)
  const left = await queries.selectFrom('access_token').select('device_id').orderBy('device_id').execute()
  expect(left.map((row) => row.device_id)).toEqual(['endless', 'recent'])
  expect(await findUiaSession(queries, 'old')).toBeUndefined()
  expect(await findUiaSession(queries, 'new')).toMatchObject({ purpose: 'x', completed: [] })
  expect(await takeLoginToken(queries, hash('old'), 0)).toBeUndefined()
  expect(await takeLoginToken(queries, hash('new'), NOW)).toMatchObject({ userNid })
})
