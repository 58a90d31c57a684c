import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../storage/database.ts'
import { BullSpreader } from './bull-spreader.ts'
import { JobRunner } from './job-runner.ts'

/** A process that does jobs and prints the payload of each that it has done. Its argument names database and Redis. */
const { database: address, redisPort } = JSON.parse(process.argv[2] ?? '')
const WORK_MS = 5
const AT_ONCE = 4

const database = openDatabase(address)
const redis = {
  host: '127.0.0.1',
  port: redisPort,
  path: undefined,
  db: 0,
  tls: false,
  username: undefined,
  password: undefined,
}
const runner = new JobRunner(database.queries, {
  onError: () => undefined,
  spreader: new BullSpreader(redis, 'here.test', () => undefined),
})
runner.register({
  kind: 'test.spread',
  read: String,
  concurrency: AT_ONCE,
  handle: async (payload) => {
    await sleep(WORK_MS)
    process.stdout.write(`${payload}\n`)
  },
})
await runner.start()
process.stdout.write('ready\n')
process.on('SIGTERM', () => void runner.stop().then(() => process.exit(0)))
