import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uploadKeys } from '../../bench/encrypted-groups/upload-keys.ts'
import { startMortalServer } from '../../spec-tests/support/mortal-server.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'

const PATIENT = { timeout: 20_000 }

let database: TestDatabase
let pool: pg.Pool
beforeAll(async () => {
  database = await createTestDatabase()
  pool = new pg.Pool(database.address)
})
afterAll(async () => {
  await pool.end()
  await database.close()
})

async function stored(deviceId: string) {
  const { rows } = await pool.query<{ name: string | null; keys: string; changes: string }>(
    `SELECT display_name AS name, (SELECT count(*) FROM device_key WHERE device_id = $1) AS keys,
            (SELECT count(*) FROM device_list_change WHERE device_id = $1) AS changes
       FROM device WHERE device_id = $1`,
    [deviceId],
  )
  const { name, keys, changes } = rows[0]!
  return { name, keys: Number(keys), changes: Number(changes) }
}

/**
 * Has the server wait on the log of changes with what it has begun.
 *
 * @returns what ends its transaction there, as the operating system does for one whose server is gone, and lets others go on.
 */
async function dieBeforeNoting(begin: (client: TestClient) => Promise<unknown>, client: TestClient) {
  const holder = await pool.connect()
  await holder.query('BEGIN; LOCK TABLE device_list_change IN EXCLUSIVE MODE')
  begin(client).catch(() => undefined)
  const blocked = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
  await expect.poll(async () => (await pool.query(`SELECT ${blocked}`)).rowCount, PATIENT).toBeGreaterThan(0)
  return async () => {
    await pool.query(`SELECT pg_terminate_backend(pid) ${blocked}`)
    await holder.query('ROLLBACK')
    holder.release()
  }
}

test.each([
  [
    'a name',
    (client: TestClient) => client.call('PUT', `/devices/${client.deviceId}`, { display_name: 'Phone' }),
  ],
  ['keys', (client: TestClient) => uploadKeys(client)],
])(
  '%s that is not noted in the log of changes when the server is killed is not stored either',
  async (what, begin) => {
    const mortal = await startMortalServer(database.address)
    const client = new TestClient(mortal.url)
    await client.register(what.replace(' ', '-'))
    const untouched = await stored(client.deviceId)
    const release = await dieBeforeNoting(begin, client)
    await mortal.kill9()
    await release()

    const next = await startMortalServer(database.address)
    try {
      expect(await stored(client.deviceId)).toEqual(untouched)
      await begin(Object.assign(new TestClient(next.url), client, { url: next.url }))
      const { name, keys, changes } = await stored(client.deviceId)
      expect([what === 'keys' ? keys : name, changes]).toEqual([what === 'keys' ? 1 : '"Phone"', 1])
    } finally {
      await next.close()
    }
  },
)
