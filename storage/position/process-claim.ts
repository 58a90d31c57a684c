import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { DatabaseAddress } from '../database.ts'

/** Key of the advisory lock that the one writing process of a database holds for as long as it lives. */
const PROCESS_LOCK = 0x4d_45_52_4a
/** A process that was killed a moment ago may still hold it until PostgreSQL notices. */
const PATIENCE_MS = 10_000
const PAUSE_MS = 250

/** The right to be the database's one writing process. */
export interface ProcessClaim {
  release(): Promise<void>
}

/**
 * Claims a database for this process. The claim ends with the process, however that ends.
 *
 * @throws Error with a sentence for the administrator when another process holds it.
 */
export async function claimDatabase(address: DatabaseAddress): Promise<ProcessClaim> {
  const client = new pg.Client({ ...address, application_name: 'meridian (claim)', keepAlive: true })
  client.on('error', () => undefined)
  await client.connect()
  const giveUpAt = Date.now() + PATIENCE_MS
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [
      PROCESS_LOCK,
    ])
    if (rows[0]?.held) return { release: () => client.end() }
    if (Date.now() > giveUpAt) {
      await client.end()
      throw new Error(
        'Another Meridian process is using this database: stop it first, or give this one another database.',
      )
    }
    await sleep(PAUSE_MS)
  }
}
