import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createRedisServer,
  skipWithoutRedis,
  type RedisServer,
} from '../../spec-tests/support/redis-server.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { BullSpreader } from './bull-spreader.ts'
import { JobRunner } from './job-runner.ts'

const KIND = 'test.spread'
const PATIENT = { timeout: 60_000, interval: 50 }

describe.skipIf(skipWithoutRedis())('over a real Redis', () => {
  let testDatabase: TestDatabase
  let database: Database
  let redis: RedisServer
  let scheduler: JobRunner
  const workers: { readonly process: ChildProcess; readonly done: string[] }[] = []
  const scheduled: string[] = []
  /** What the process that schedules has done itself. */
  const own: string[] = []

  beforeAll(async () => {
    testDatabase = await createTestDatabase()
    database = openDatabase(testDatabase.address)
    redis = await createRedisServer()
    await redis.start()
    await Promise.all([startWorker(), startWorker()])
    scheduler = new JobRunner(database.queries, { onError: () => undefined, spreader: spreader() })
    scheduler.register({ kind: KIND, read: String, handle: async (payload) => void own.push(payload) })
    await scheduler.start()
  })
  afterAll(async () => {
    await scheduler.stop()
    await Promise.all(
      workers.map(async ({ process }) => {
        const gone = once(process, 'close')
        process.kill('SIGTERM')
        await gone
      }),
    )
    await redis.close()
    await database.close()
    await testDatabase.close()
  })

  const spreader = (): BullSpreader => {
    const nothing = { path: undefined, username: undefined, password: undefined }
    const config = { ...nothing, host: '127.0.0.1', port: redis.port, db: 0, tls: false }
    return new BullSpreader(config, 'here.test', () => undefined)
  }

  async function startWorker(): Promise<void> {
    const script = fileURLToPath(new URL('spread-worker.fixture.ts', import.meta.url))
    const argument = JSON.stringify({ database: testDatabase.address, redisPort: redis.port })
    const child = spawn(process.execPath, [script, argument], { stdio: ['ignore', 'pipe', 'inherit'] })
    const done: string[] = []
    const ready = Promise.withResolvers<void>()
    createInterface(child.stdout).on('line', (line) => (line === 'ready' ? ready.resolve() : done.push(line)))
    await ready.promise
    workers.push({ process: child, done })
  }

  async function schedule(count: number, inMs = 0): Promise<void> {
    for (let n = 0; n < count; n++) {
      const payload = `job ${scheduled.length}`
      scheduled.push(payload)
      await scheduler.schedule({ kind: KIND, payload, runAt: Date.now() + inMs })
    }
  }
  const left = async (): Promise<number> =>
    (await database.queries.selectFrom('job').select('job_nid').where('kind', '=', KIND).execute()).length
  const done = (): string[] => [...own, ...workers.flatMap((worker) => worker.done)]
  const expectAllDone = async (): Promise<void> => {
    await expect.poll(left, PATIENT).toBe(0)
    await expect.poll(() => done().length, PATIENT).toBeGreaterThanOrEqual(scheduled.length)
    expect(done().toSorted()).toEqual(scheduled.toSorted())
  }

  test('jobs are spread over the processes, each done once, those of later at their time', async () => {
    await schedule(10, 1_500)
    const before = Date.now()
    await schedule(200)
    await expectAllDone()
    expect(Date.now() - before).toBeGreaterThan(1_000)
    for (const worker of workers) expect(worker.done.length).toBeGreaterThan(20)
    expect(Date.now() - before).toBeLessThan(15_000)
  }, 90_000)

  test('losing Redis under load loses none and does none twice', async () => {
    await schedule(150)
    await redis.kill9()
    await schedule(150)
    expect(await left()).toBeGreaterThan(0)
    await expectAllDone()
    const without = done().length
    await redis.start()
    await schedule(150)
    await redis.kill9()
    await redis.start()
    await schedule(50)
    await expectAllDone()
    expect(done().length - without).toBe(200)
    for (const worker of workers) expect(worker.done.length).toBeGreaterThan(50)
  }, 120_000)

  test('a process that finds no Redis works all the same', async () => {
    await redis.kill9()
    const alone = spreader()
    const runner = new JobRunner(database.queries, { onError: () => undefined, spreader: alone })
    const seen: string[] = []
    runner.register({ kind: 'test.alone', read: String, handle: async (payload) => void seen.push(payload) })
    await runner.start()
    await runner.schedule({ kind: 'test.alone', payload: 'x', runAt: 0 })
    await expect.poll(() => seen, PATIENT).toEqual(['x'])
    await redis.start()
    await expect.poll(() => alone.isReady, PATIENT).toBe(true)
    await runner.schedule({ kind: 'test.alone', payload: 'y', runAt: 0 })
    await expect.poll(() => seen, PATIENT).toEqual(['x', 'y'])
    await runner.stop()
  }, 60_000)

  test('a whole server has its jobs done over it', async () => {
    const server = await startTestServer({ config: { redis: { url: `redis://127.0.0.1:${redis.port}/1` } } })
    try {
      const alice = await server.register('alice')
      const path = `/rooms/${encodeURIComponent(await alice.createRoom())}`
      await alice.call('PUT', `${path}/state/x.late/k?org.matrix.msc4140.delay=300`, { n: 1 })
      const state = async () => (await alice.request('GET', `/_matrix/client/v3${path}/state/x.late/k`)).body
      await expect.poll(state, PATIENT).toEqual({ n: 1 })
    } finally {
      await server.close()
    }
  }, 60_000)
})
