import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { leaseDueJobs } from '../../storage/jobs/lease-jobs.ts'
import { scheduleJob } from '../../storage/jobs/schedule-job.ts'
import type { JobKind } from './job-kind.ts'
import { JobRunner } from './job-runner.ts'

let testDatabase: TestDatabase
let database: Database
const runners: JobRunner[] = []
const QUICK = { maxAttempts: 3, firstDelayMs: 10, maxDelayMs: 20 }

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
})
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()))
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

type Handle = JobKind<string>['handle']

/** A started runner of one kind whose payloads are strings. */
async function runnerOf(
  kind: string,
  handle: Handle,
  more: Partial<JobKind<string>> = {},
): Promise<JobRunner> {
  const runner = new JobRunner(database.queries, { onError: () => {}, leaseMs: 1000 })
  runner.register({ kind, read: String, handle, retry: QUICK, ...more })
  runners.push(runner)
  await runner.start()
  return runner
}

function row(
  kind: string,
): Promise<{ attempts: number; last_error: string | null; failed_ts: number | null } | undefined> {
  const query = database.queries.selectFrom('job').select(['attempts', 'last_error', 'failed_ts'])
  return query.where('kind', '=', kind).executeTakeFirst()
}

function gone(kind: string): Promise<void> {
  return expect.poll(() => row(kind), { timeout: 20_000 }).toBeUndefined()
}

const now = (): number => Date.now()

test('a job is done with its payload, and then forgotten', async () => {
  const done: string[] = []
  const runner = await runnerOf('t.once', async (payload) => void done.push(payload))
  await runner.schedule({ kind: 't.once', payload: 'a\0b', runAt: now() })
  await gone('t.once')
  expect(done).toEqual(['a\0b'])
})

test('a job waits for its time, and an earlier one that is scheduled later is not held up', async () => {
  const done: string[] = []
  const runner = await runnerOf('t.wait', async (payload) => void done.push(payload))
  await runner.schedule({ kind: 't.wait', payload: 'late', runAt: now() + 600 })
  await runner.schedule({ kind: 't.wait', payload: 'never', key: 'far', runAt: now() + 3_600_000 })
  await runner.schedule({ kind: 't.wait', payload: 'early', runAt: now() })
  await expect.poll(() => done.length, { timeout: 20_000 }).toBe(2)
  expect(done).toEqual(['early', 'late'])
  expect(await runner.cancel('t.wait', 'far')).toBe(true)
  expect(await runner.cancel('t.wait', 'far')).toBe(false)
  await gone('t.wait')
})

test('one key, one job: the later request replaces, or keeps, the one that waits', async () => {
  const request = { kind: 't.key', key: 'k', runAt: 0 }
  await scheduleJob(database.queries, { ...request, payload: 'first' })
  await scheduleJob(database.queries, { ...request, payload: 'second' })
  await scheduleJob(database.queries, { ...request, payload: 'third', ifWaiting: 'keep' })
  const done: string[] = []
  await runnerOf('t.key', async (payload) => void done.push(payload))
  await gone('t.key')
  expect(done).toEqual(['second'])
})

test.each(['keep', 'replace'] as const)(
  'a job asked for while it is done is done again (%s)',
  async (ifWaiting) => {
    const kind = `t.again.${ifWaiting}`
    const done: string[] = []
    const begun = Promise.withResolvers<void>()
    const proceed = Promise.withResolvers<void>()
    const runner = await runnerOf(
      kind,
      async (payload) => {
        begun.resolve()
        await proceed.promise
        done.push(payload)
      },
      { concurrency: 5 },
    )
    await runner.schedule({ kind, key: 'k', payload: 'one', runAt: 0 })
    await begun.promise
    await runner.schedule({ kind, key: 'k', payload: 'two', runAt: 0, ifWaiting })
    proceed.resolve()
    await gone(kind)
    expect(done).toEqual(['one', 'two'])
  },
)

test('a failure is tried again, and in the end kept with its class but without its message', async () => {
  let attempts = 0
  const runner = await runnerOf('t.fail', async () => {
    attempts++
    throw Object.assign(new TypeError('secret words'), { code: 'E_TEST' })
  })
  await runner.schedule({ kind: 't.fail', key: 'k', payload: 'x', runAt: 0 })
  await expect.poll(async () => (await row('t.fail'))?.failed_ts, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(attempts).toBe(QUICK.maxAttempts)
  expect((await row('t.fail'))?.last_error).toBe('TypeError E_TEST')
  await runner.schedule({ kind: 't.fail', key: 'k', payload: 'x', runAt: 0, ifWaiting: 'keep' })
  await expect.poll(() => attempts, { timeout: 20_000 }).toBe(2 * QUICK.maxAttempts)
})

test('a failure that passes leaves nothing behind', async () => {
  const seen: number[] = []
  const runner = await runnerOf('t.flaky', async (_, { attempt }) => {
    seen.push(attempt)
    if (attempt < 3) throw new Error('not yet')
  })
  await runner.schedule({ kind: 't.flaky', payload: 'x', runAt: 0 })
  await gone('t.flaky')
  expect(seen).toEqual([1, 2, 3])
})

test('a repeated kind goes on, also after failures', async () => {
  let turns = 0
  const runner = new JobRunner(database.queries, { onError: () => {} })
  runner.register({
    kind: 't.every',
    read: String,
    handle: async () => {
      if (++turns % 2 === 0) throw new Error('every other time')
    },
    retry: { ...QUICK, maxAttempts: 1 },
  })
  runner.every('t.every', 30)
  runners.push(runner)
  await runner.start()
  await expect.poll(() => turns, { timeout: 20_000 }).toBeGreaterThan(4)
})

test('two runners share the jobs and do each once, so many at a time as allowed', async () => {
  const jobs = Array.from({ length: 150 }, (_, n) => String(n))
  const done: string[] = []
  const together = [0, 0]
  let most = 0
  for (const who of together.keys()) {
    const work: Handle = async (payload) => {
      most = Math.max(most, (together[who] = (together[who] ?? 0) + 1))
      await new Promise((resolve) => setTimeout(resolve, 2))
      done.push(payload)
      together[who] = (together[who] ?? 0) - 1
    }
    await runnerOf('t.race', work, { concurrency: 4 })
  }
  await Promise.all(
    jobs.map((payload) => scheduleJob(database.queries, { kind: 't.race', payload, runAt: 0 })),
  )
  for (const runner of runners) runner.wake()
  await gone('t.race')
  expect(done.sort()).toEqual(jobs.sort())
  expect(most).toBeLessThanOrEqual(4)
})

test('a job longer than its lease is not done twice', async () => {
  let begun = 0
  const slow: Handle = async (_, { signal }) => {
    begun++
    await new Promise((resolve) => setTimeout(resolve, 2500))
    signal.throwIfAborted()
  }
  const runner = await runnerOf('t.slow', slow)
  await runnerOf('t.slow', slow)
  await runner.schedule({ kind: 't.slow', payload: 'x', runAt: 0 })
  await gone('t.slow')
  expect(begun).toBe(1)
})

test('a job whose lease went to another is told to stop, and its end changes nothing', async () => {
  const begun = Promise.withResolvers<void>()
  const aborted = Promise.withResolvers<unknown>()
  const runner = await runnerOf('t.lost', async (_, { signal }) => {
    signal.addEventListener('abort', () => aborted.resolve(signal.reason))
    begun.resolve()
    await aborted.promise
  })
  await runner.schedule({ kind: 't.lost', payload: 'x', runAt: 0 })
  await begun.promise
  const other = { lease_token: '00000000-0000-4000-8000-000000000000', leased_until: now() + 3_600_000 }
  await database.queries.updateTable('job').set(other).where('kind', '=', 't.lost').execute()
  expect(await aborted.promise).toMatchObject({ name: 'LeaseLost' })
  await runner.stop()
  expect(await row('t.lost')).toMatchObject({ attempts: 1, failed_ts: null })
})

test('what a stopping runner leaves undone is due at once and not counted', async () => {
  const begun = Promise.withResolvers<void>()
  const first = await runnerOf('t.stop', (_, { signal }) => {
    begun.resolve()
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  await first.schedule({ kind: 't.stop', payload: 'x', runAt: 0 })
  await begun.promise
  await first.stop()
  const attempts: number[] = []
  await runnerOf('t.stop', async (_, { attempt }) => void attempts.push(attempt))
  await gone('t.stop')
  expect(attempts).toEqual([1])
})

test('a job whose process is killed in the middle is done by another', async () => {
  await scheduleJob(database.queries, { kind: 'test.crash', payload: 'x', runAt: 0 })
  const script = fileURLToPath(new URL('dying-worker.fixture.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(testDatabase.address)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  expect(String(line)).toBe('begun\n')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await row('test.crash')).toMatchObject({ attempts: 1 })

  const attempts: number[] = []
  await runnerOf('test.crash', async (_, { attempt }) => void attempts.push(attempt))
  await gone('test.crash')
  expect(attempts).toEqual([2])
})

test('a job that a dead process held does not wait for its lease where no other process can have it', async () => {
  await scheduleJob(database.queries, { kind: 't.left', payload: 'x', runAt: 0 })
  const [left] = await leaseDueJobs(database.queries, [{ kind: 't.left', free: 1 }], 3_600_000)
  expect(left).toMatchObject({ attempt: 1 })
  const attempts: number[] = []
  const runner = new JobRunner(database.queries, { onError: () => {}, isAlone: true })
  runner.register({
    kind: 't.left',
    read: String,
    handle: async (_, { attempt }) => void attempts.push(attempt),
  })
  runners.push(runner)
  await runner.start()
  await gone('t.left')
  expect(attempts).toEqual([2])
})

test('a job that kills its process every time is given up', async () => {
  await scheduleJob(database.queries, { kind: 't.poison', payload: 'x', runAt: 0 })
  await database.queries
    .updateTable('job')
    .set({ attempts: QUICK.maxAttempts })
    .where('kind', '=', 't.poison')
    .execute()
  let begun = 0
  await runnerOf('t.poison', async () => void begun++)
  await expect.poll(async () => (await row('t.poison'))?.failed_ts, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(begun).toBe(0)
})
