import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../../../storage/database.ts'
import { destinationBackoff } from './destination-backoff.ts'
import { nextInterval, type RetryPolicy } from './retry-policy.ts'

const policy: RetryPolicy = { minIntervalMs: 1_000, multiplier: 2, maxIntervalMs: 60_000 }
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

test('pauses grow to the longest one and never beyond', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }), (chances) => {
      let interval = 0
      for (const chance of chances) {
        const next = nextInterval(policy, interval, () => chance)
        expect(next).toBeGreaterThanOrEqual(Math.min(interval, policy.maxIntervalMs / 2))
        expect(next).toBeLessThanOrEqual(policy.maxIntervalMs)
        interval = next
      }
    }),
  )
})

test('failures that were under way together count once, later ones lengthen the pause', async () => {
  let now = 1_000_000
  const backoff = destinationBackoff(database.queries, policy, () => now)
  expect(await backoff.retryAt('down.test')).toBe(0)
  await backoff.failed('down.test', now - 10)
  await backoff.failed('down.test', now - 5)
  const first = await backoff.retryAt('down.test')
  expect(first).toBe(now + 1_000)
  now = first + 1
  await backoff.failed('down.test', now)
  expect(await backoff.retryAt('down.test')).toBeGreaterThanOrEqual(now + 1_600)
})

test('the pause outlives the process, and being heard from ends it', async () => {
  const before = destinationBackoff(database.queries, policy)
  await before.failed('flaky.test', Date.now())
  const after = destinationBackoff(database.queries, policy)
  expect(await after.retryAt('flaky.test')).toBeGreaterThan(Date.now())
  const recovered: string[] = []
  after.onRecovered((serverName) => recovered.push(serverName))
  await after.heardFrom('flaky.test')
  await after.heardFrom('flaky.test')
  expect(recovered).toEqual(['flaky.test'])
  expect(await destinationBackoff(database.queries, policy).retryAt('flaky.test')).toBe(0)
})
