import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMortalServer } from '../../../spec-tests/support/mortal-server.ts'
import { TestClient, type Json } from '../../../spec-tests/support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../../spec-tests/support/test-server.ts'

const CONFIG = { allow_guest_access: true, forget_rooms_on_leave: true }
const PATIENT = { timeout: 20_000 }
const encoded = encodeURIComponent

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

const placeOf = async (): Promise<number> => {
  const { rows } = await pool.query("SELECT place FROM stream_cursor WHERE consumer = 'rooms.consequences'")
  return Number(rows[0].place)
}
const headOf = async (): Promise<number> =>
  Number((await pool.query('SELECT max(stream_pos) AS head FROM event')).rows[0].head)

let holder: pg.PoolClient
/** Locks something of the database, on which the server waits until it dies. */
async function hold(lock: string): Promise<void> {
  holder = await pool.connect()
  await holder.query('BEGIN')
  await holder.query(lock)
}
async function release(): Promise<void> {
  await holder.query('ROLLBACK')
  holder.release()
}

/** Does something with a server that then dies, and goes on with one that has just started on the same data. */
async function overDeath<Facts>(
  before: (url: string) => Promise<{ readonly clients: readonly TestClient[]; readonly facts: Facts }>,
  meanwhile: () => Promise<unknown>,
  after: (clients: readonly TestClient[], facts: Facts, server: TestServer) => Promise<void>,
): Promise<void> {
  const mortal = await startMortalServer(database.address, CONFIG)
  const { clients, facts } = await before(mortal.url).finally(() => mortal.kill9())
  await meanwhile()
  const server = await startTestServer({ database: database.address, config: CONFIG })
  try {
    const moved = clients.map((client) =>
      Object.assign(new TestClient(server.url), client, { url: server.url }),
    )
    await after(moved, facts, server)
  } finally {
    await server.close()
  }
}

async function registered(url: string, localpart: string): Promise<TestClient> {
  const client = new TestClient(url)
  await client.register(localpart)
  return client
}

async function membersOf(client: TestClient, roomId: string): Promise<unknown[]> {
  const { chunk } = await client.call('GET', `/rooms/${encoded(roomId)}/members?membership=join`)
  return (chunk as Json[]).map((event) => event['state_key'])
}

test('what a server has not come to before it was killed, the next one does', async () => {
  const TAGS = { tags: { 'm.favourite': { order: 0.5 } } }
  await overDeath(
    async (url) => {
      const [alice, bob] = [await registered(url, 'alice'), await registered(url, 'bob')]
      const guest = new TestClient(url)
      guest.token = String((await guest.call('POST', '/register?kind=guest', {}))['access_token'])
      const old = await alice.createRoom({
        preset: 'public_chat',
        initial_state: [{ type: 'm.room.guest_access', content: { guest_access: 'can_join' } }],
      })
      await bob.join(old)
      await guest.join(old)
      await bob.call('PUT', `/pushrules/global/room/${encoded(old)}`, { actions: [] })
      await bob.call('PUT', `/user/${bob.userId}/rooms/${encoded(old)}/account_data/m.tag`, TAGS)
      await bob.call('PUT', `/user/${bob.userId}/account_data/m.direct`, { [alice.userId]: [old] })
      const left = await alice.createRoom({ preset: 'public_chat' })
      await bob.join(left)
      // Nobody gets to what follows: the follower waits for this row.
      await hold("SELECT FROM stream_cursor WHERE consumer = 'rooms.consequences' FOR UPDATE")
      const answer = await alice.call('POST', `/rooms/${encoded(old)}/upgrade`, { new_version: '11' })
      const next = String(answer['replacement_room'])
      await bob.join(next)
      await alice.setState(old, 'm.room.guest_access', { guest_access: 'forbidden' })
      await alice.call('POST', `/rooms/${encoded(left)}/kick`, { user_id: bob.userId })
      expect(await membersOf(alice, old)).toHaveLength(3)
      expect(await placeOf()).toBeLessThan(await headOf())
      return { clients: [alice, bob], facts: { old, left, next } }
    },
    release,
    async ([alice, bob], { old, left, next }) => {
      await expect.poll(() => membersOf(alice!, old), PATIENT).toHaveLength(2)
      const path = `/_matrix/client/v3/user/${bob!.userId}`
      const settings = async () => {
        const rules = (await bob!.call('GET', '/pushrules/global/'))['room'] as Json[]
        const tags = await bob!.request('GET', `${path}/rooms/${encoded(next)}/account_data/m.tag`)
        const direct = await bob!.request('GET', `${path}/account_data/m.direct`)
        return [rules.some((rule) => rule['rule_id'] === next), tags.body, direct.body[alice!.userId]]
      }
      await expect.poll(settings, PATIENT).toEqual([true, TAGS, [old, next]])
      const seen = await bob!.request('GET', `/_matrix/client/v3/rooms/${encoded(left)}/messages?dir=b`)
      expect(seen.status).toBe(403)
    },
  )
})

test('an upgrade whose server was killed after the old room was closed is finished', async () => {
  await overDeath(
    async (url) => {
      const carol = await registered(url, 'carol')
      const old = await carol.createRoom({
        preset: 'public_chat',
        visibility: 'public',
        room_alias_name: 'moving',
      })
      await hold('LOCK TABLE room_alias IN SHARE MODE')
      const upgrade = carol.request('POST', `/_matrix/client/v3/rooms/${encoded(old)}/upgrade`, {
        new_version: '11',
      })
      upgrade.catch(() => undefined)
      const closed = async () => (await carol.state(old)).find(({ type }) => type === 'm.room.tombstone')
      await expect.poll(closed, PATIENT).toBeDefined()
      const { replacement_room: next } = (await closed())!['content'] as Json
      return { clients: [carol], facts: { old, next: String(next) } }
    },
    async () => {
      await release()
      const { rowCount } = await pool.query("UPDATE job SET run_at = 0 WHERE kind = 'rooms.finish-upgrade'")
      expect(rowCount).toBe(1)
    },
    async ([carol], { old, next }) => {
      const facts = async () => {
        const alias = await carol!.call('GET', `/directory/room/${encoded('#moving:here.test')}`)
        const listed = await carol!.call('GET', `/directory/list/room/${encoded(next)}`)
        const unlisted = await carol!.call('GET', `/directory/list/room/${encoded(old)}`)
        const levels = (await carol!.state(old)).find(({ type }) => type === 'm.room.power_levels')
        const { events_default: needed } = levels!['content'] as { events_default: number }
        const canonical = (await carol!.state(next)).find(({ type }) => type === 'm.room.canonical_alias')
        return [
          alias['room_id'],
          listed['visibility'],
          unlisted['visibility'],
          needed,
          canonical?.['content'],
        ]
      }
      await expect
        .poll(facts, PATIENT)
        .toEqual([next, 'public', 'private', 50, { alias: '#moving:here.test' }])
      const { rowCount } = await pool.query("SELECT FROM job WHERE kind = 'rooms.finish-upgrade'")
      expect(rowCount).toBe(0)
    },
  )
})
