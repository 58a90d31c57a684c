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
 * Claims a database for this process. The claim ends with the process, however that ends; when only its connection
 * is lost it is claimed again as soon as the database can be reached.
 *
 * @param onUsurped told when another process had claimed it by then. That one's commits fence ours off.
 * @throws Error with a sentence for the administrator when another process holds it.
 */
export async function claimDatabase(address: DatabaseAddress, onUsurped: () => void): Promise<ProcessClaim> {
  let released = false
  let holder: pg.Client

  const holdOn = (client: pg.Client): void => {
    holder = client
    client.once('end', () => void (released || reclaim()))
  }
  const reclaim = async (): Promise<void> => {
    while (!released) {
      await sleep(PAUSE_MS)
      try {
        const client = await acquire(address)
        if (!client) return onUsurped()
        if (released) return await client.end()
        return holdOn(client)
      } catch {
        // The database is away: whoever else wants it cannot have it either.
      }
    }
  }

  const first = await acquire(address)
  if (!first) {
    throw new Error(
      'Another Meridian process is using this database: stop it first, or give this one another database.',
    )
  }
  holdOn(first)
  return {
    release: () => {
      released = true
      return holder.end()
    },
  }
}

/** A connection that holds the lock; undefined when another one keeps it. @throws the database's error. */
async function acquire(address: DatabaseAddress): Promise<pg.Client | undefined> {
  const client = new pg.Client({ ...address, application_name: 'meridian (claim)', keepAlive: true })
  client.on('error', () => undefined)
  await client.connect()
  const giveUpAt = Date.now() + PATIENCE_MS
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [
      PROCESS_LOCK,
    ])
    if (rows[0]?.held) return client
    if (Date.now() > giveUpAt) {
      await client.end()
      return undefined
    }
    await sleep(PAUSE_MS)
  }
}
