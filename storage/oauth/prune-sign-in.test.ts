import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { insertDevice } from '../accounts/device-writer.ts'
import { openDatabase, type Database } from '../database.ts'
import { Interner } from '../interning/interner.ts'
import { insertStep } from '../sso/steps.ts'
import { findClient, upsertClient } from './clients.ts'
import { findCode, insertCode } from './codes.ts'
import { findOAuthSession, setOAuthSession } from './oauth-sessions.ts'
import { pruneSignIn } from './prune-sign-in.ts'
import { findSpentToken, noteSpentToken } from './spent-tokens.ts'

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

const hash = (text: string) => Buffer.from(text.padEnd(32))

test('what has expired goes; what is in use stays, with its client', async () => {
  const { queries } = database
  const userNid = await new Interner(database.pool).userNid('@alice:test.example')
  for (const [clientId, now] of Object.entries({ used: 1, unused: 1, recent: NOW })) {
    const metadata = JSON.stringify(clientId)
    await upsertClient(queries, { clientId, metadata, metadataHash: hash(clientId), now })
  }
  await insertDevice(queries, { userNid, deviceId: 'D', displayName: null, createdTs: 1 })
  await setOAuthSession(queries, userNid, 'D', { clientId: 'used', scope: 's' })
  await noteSpentToken(queries, hash('old'), userNid, 'D', NOW - DAY_MS)
  await noteSpentToken(queries, hash('new'), userNid, 'D', NOW)
  await noteSpentToken(queries, hash('nobody'), userNid, 'OTHER', NOW)
  const grant = { clientId: 'used', userNid, scope: 's', redirectUri: 'r', challenge: 'c', ssoSession: null }
  await insertCode(queries, hash('old'), { ...grant, createdTs: NOW - DAY_MS })
  await insertCode(queries, hash('new'), { ...grant, createdTs: NOW })
  await insertStep(queries, hash('old'), { kind: 'away', payload: '{}', createdTs: NOW - DAY_MS })
  await insertStep(queries, hash('new'), { kind: 'away', payload: '{}', createdTs: NOW })

  await pruneSignIn(queries, NOW)

  const clients = await Promise.all(['used', 'unused', 'recent'].map((id) => findClient(queries, id)))
  expect(clients.map((client) => client !== undefined)).toEqual([true, false, true])
  const spent = await Promise.all(['old', 'new', 'nobody'].map((name) => findSpentToken(queries, hash(name))))
  expect(spent.map((token) => token?.deviceId)).toEqual([undefined, 'D', undefined])
  expect(await findCode(queries, hash('old'))).toBeUndefined()
  expect(await findCode(queries, hash('new'))).toMatchObject({ used: false })
  const steps = await queries.selectFrom('sso_step').select('created_ts').execute()
  expect(steps).toEqual([{ created_ts: NOW }])

  await queries.deleteFrom('device').where('device_id', '=', 'D').execute()
  expect(await findOAuthSession(queries, userNid, 'D')).toBeUndefined()
})
