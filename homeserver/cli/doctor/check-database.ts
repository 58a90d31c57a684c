import { pino } from 'pino'
import type { DatabaseAddress } from '../../../storage/database.ts'
import { inspectDatabase } from '../../../storage/database-checks.ts'
import { provideDatabase, runningEmbeddedDatabase } from '../../../storage/embedded/provide-database.ts'
import type { Config } from '../../config/config.ts'
import { fail, ok, reasonOf, type Finding } from './finding.ts'

const SUBJECT = 'database'

async function inspect(address: DatabaseAddress, which: string): Promise<Finding[]> {
  const { version, problems } = await inspectDatabase(address)
  if (problems.length > 0) return problems.map((problem) => fail(SUBJECT, problem))
  return [ok(SUBJECT, `${which} PostgreSQL ${version}, UTF8, C collation.`)]
}

/** Whether the configured database can be used; the embedded one is started for a moment unless it runs. */
export async function checkDatabase({ database, dataDir }: Config): Promise<Finding[]> {
  try {
    if (database.kind === 'external') return await inspect(database.address, 'External')
    const running = await runningEmbeddedDatabase(dataDir)
    if (running) return await inspect(running, 'Embedded, running,')
    const started = await provideDatabase(database, { dataDir, log: pino({ level: 'silent' }) })
    try {
      return await inspect(started.address, 'Embedded')
    } finally {
      await started.stop()
    }
  } catch (error) {
    return [fail(SUBJECT, `It cannot be used: ${reasonOf(error)}`)]
  }
}
