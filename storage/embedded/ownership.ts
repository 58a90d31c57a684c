import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { DatabaseAddress } from '../database.ts'
import { DatabaseUnusableError } from './database-unusable-error.ts'

/** Any number that nothing else in the server locks: the advisory lock is the sign of the one owner. */
const OWNER_LOCK = 7_366_229_118
const OWNER_NAME = 'meridian-owner-'
/** A killed owner's connection ends within milliseconds; a live one's does not. */
const ATTEMPTS = 10
const ATTEMPT_PAUSE_MS = 100

/** The claim on an embedded database: it lasts as long as this connection, so it dies with the process. */
export interface Ownership {
  /** Told when the connection is lost, and with it the claim. */
  onLost(listener: () => void): void
  release(): Promise<void>
}

async function ownerPid(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    "select application_name as name from pg_stat_activity where application_name like $1 || '%' and pid <> pg_backend_pid()",
    [OWNER_NAME],
  )
  return (
    rows.map((row) => row.name.slice(OWNER_NAME.length)).find((pid) => pid !== String(process.pid)) ??
    'unknown'
  )
}

/**
 * Claims the running PostgreSQL for this process.
 *
 * @param address the cluster's `postgres` database.
 * @throws DatabaseUnusableError when another live server holds it; the database's error when it cannot be reached.
 */
export async function claimOwnership(address: DatabaseAddress, dataDirectory: string): Promise<Ownership> {
  const client = new pg.Client({ ...address, application_name: `${OWNER_NAME}${process.pid}` })
  const listeners: (() => void)[] = []
  let released = false
  client.on('error', () => undefined)
  client.on('end', () => {
    if (!released) for (const listener of listeners) listener()
  })
  await client.connect()
  for (let attempt = 1; ; attempt++) {
    const { rows } = await client.query<{ claimed: boolean }>('select pg_try_advisory_lock($1) as claimed', [
      OWNER_LOCK,
    ])
    if (rows[0]?.claimed) break
    if (attempt === ATTEMPTS) {
      const pid = await ownerPid(client)
      released = true
      await client.end()
      throw new DatabaseUnusableError(
        `Another Meridian (process ${pid}) is using the data in ${dataDirectory}. Stop it first, or give this ` +
          'one a data directory of its own with --data.',
      )
    }
    await delay(ATTEMPT_PAUSE_MS)
  }
  return {
    onLost: (listener) => void listeners.push(listener),
    release: async () => {
      released = true
      await client.end().catch(() => undefined)
    },
  }
}
