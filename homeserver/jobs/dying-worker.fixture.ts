import { openDatabase } from '../../storage/database.ts'
import { JobRunner } from './job-runner.ts'

/** A process that takes a job, says so, and never ends it. Its argument is the database's address as JSON. */
const database = openDatabase(JSON.parse(process.argv[2] ?? ''))
const runner = new JobRunner(database.queries, { onError: () => process.exit(1), leaseMs: 1000 })
runner.register({
  kind: 'test.crash',
  read: (payload) => payload,
  handle: () => {
    process.stdout.write('begun\n')
    return new Promise(() => {})
  },
})
await runner.start()
