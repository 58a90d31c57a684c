import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabaseProxy, type DatabaseProxy } from '../../spec-tests/support/database-proxy.ts'
import { eventually } from '../../spec-tests/support/eventually.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase } from '../database.ts'
import { claimDatabase, type ProcessClaim } from './process-claim.ts'

let testDatabase: TestDatabase
let proxy: DatabaseProxy
const claims: ProcessClaim[] = []

beforeEach(async () => {
  testDatabase = await createTestDatabase()
  proxy = await openDatabaseProxy(testDatabase.address)
})
afterEach(async () => {
  for (const claim of claims.splice(0)) await claim.release()
  await proxy.close()
  await testDatabase.close()
})

const never = (): void => {
  throw new Error('nobody took the database over')
}

async function holders(): Promise<number> {
  const database = openDatabase(testDatabase.address, { poolSize: 1 })
  try {
    const { rows } = await database.pool.query<{ held: number }>(
      `SELECT count(*) AS held FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
       WHERE locktype = 'advisory' AND granted AND datname = current_database()`,
    )
    return rows[0]?.held ?? 0
  } finally {
    await database.close()
  }
}

it('one process has a database, until it lets go', async () => {
  const claim = await claimDatabase(testDatabase.address, never)
  await expect(claimDatabase(testDatabase.address, never)).rejects.toThrow('Another Meridian process')
  await claim.release()
  claims.push(await claimDatabase(testDatabase.address, never))
  expect(await holders()).toBe(1)
})

it('a claim outlives its connection', async () => {
  claims.push(await claimDatabase(proxy.address, never))
  proxy.cut()
  await eventually('the lock is gone with its connection', async () => (await holders()) === 0)
  proxy.heal()
  await eventually('the lock is held again', async () => (await holders()) === 1)
})

it('says so when another process was quicker', async () => {
  const usurped = new Promise<void>((resolve) => {
    void claimDatabase(proxy.address, resolve).then((claim) => claims.push(claim))
  })
  await eventually('the lock is held', async () => (await holders()) === 1)
  proxy.cut()
  await eventually('the lock is gone with its connection', async () => (await holders()) === 0)
  claims.push(await claimDatabase(testDatabase.address, never))
  proxy.heal()
  await usurped
})
