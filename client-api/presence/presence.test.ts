import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const GENEROUS = { per_second: 10_000, burst_count: 10_000 }
let server: TestServer
let alice: TestClient
let bob: TestClient
let stranger: TestClient
let roomId: string

beforeAll(async () => {
  server = await startTestServer({ config: { rc_presence: { per_user: GENEROUS } } })
  alice = await server.register('alice')
  bob = await server.register('bob')
  stranger = await server.register('stranger')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
})
afterAll(() => server.close())

const pathOf = (userId: string) => `/presence/${encodeURIComponent(userId)}/status`
const put = (client: TestClient, body: Json) => client.call('PUT', pathOf(client.userId), body)
const quietly = { set_presence: 'offline' }

function presenceIn(answer: Json, userId: string): Json | undefined {
  const { events } = (answer['presence'] ?? { events: [] }) as { events: Json[] }
  return events.find(({ sender }) => sender === userId)?.['content'] as Json | undefined
}

/** Syncs, without showing it, until a user's presence comes. */
async function tellsOf(client: TestClient, since: unknown, userId: string): Promise<[Json, string]> {
  for (let from = String(since); ;) {
    const answer = await client.sync({ since: from, timeout: '20000', ...quietly })
    from = String(answer['next_batch'])
    const told = presenceIn(answer, userId)
    if (told) return [told, from]
  }
}

it('is told to those who share a room, as it is set and as syncs set it', async () => {
  const start = await alice.sync(quietly)
  await put(bob, { presence: 'online', status_msg: 'In a meeting' })
  const [online, next] = await tellsOf(alice, start['next_batch'], bob.userId)
  expect(online).toMatchObject({ presence: 'online', status_msg: 'In a meeting', currently_active: true })
  expect(online['last_active_ago']).toBeGreaterThanOrEqual(0)
  await bob.sync({ set_presence: 'unavailable' })
  const [away] = await tellsOf(alice, next, bob.userId)
  expect(away).toMatchObject({ presence: 'unavailable', status_msg: 'In a meeting' })
  expect(away).not.toHaveProperty('currently_active')
  expect(await alice.call('GET', pathOf(bob.userId))).toMatchObject({ presence: 'unavailable' })
  await bob.say(roomId, 'back')
  expect(await alice.call('GET', pathOf(bob.userId))).toMatchObject({ presence: 'online' })
})

it('of oneself is told with the first sync, and then wakes nobody', async () => {
  const dora = await server.register('dora')
  await dora.join(roomId)
  const first = await dora.sync()
  expect(presenceIn(first, dora.userId)).toMatchObject({ presence: 'online' })
  const next = await dora.sync({ since: String(first['next_batch']), timeout: '300' })
  expect(presenceIn(next, dora.userId)).toBeUndefined()
})

it('is told to first syncs, after other epochs, and not to those who filter it out', async () => {
  await put(bob, { presence: 'online' })
  expect(presenceIn(await alice.sync(quietly), bob.userId)).toMatchObject({ presence: 'online' })
  const { next_batch: since } = await alice.sync(quietly)
  const old = String(since).replace(/_.*\./, '_other.')
  expect(presenceIn(await alice.sync({ since: old, ...quietly }), bob.userId)).toBeDefined()
  const filter = JSON.stringify({ presence: { not_types: ['m.presence'] } })
  expect(await alice.sync({ filter, ...quietly })).not.toHaveProperty('presence')
  const others = JSON.stringify({ presence: { not_senders: [bob.userId] } })
  expect(presenceIn(await alice.sync({ filter: others, ...quietly }), bob.userId)).toBeUndefined()
})

it('comes with whoever joins, for both sides, once', async () => {
  const carol = await server.register('carol')
  await put(bob, { presence: 'online' })
  const [mine, theirs] = await Promise.all([bob.sync(quietly), carol.sync()])
  await carol.join(roomId)
  const [ofCarol, next] = await tellsOf(bob, mine['next_batch'], carol.userId)
  expect(ofCarol).toMatchObject({ presence: 'online' })
  const [ofBob] = await tellsOf(carol, theirs['next_batch'], bob.userId)
  expect(ofBob).toMatchObject({ presence: 'online' })
  const after = await bob.sync({ since: next, ...quietly })
  expect(presenceIn(after, carol.userId)).toBeUndefined()
})

it('is nothing to strangers', async () => {
  await put(bob, { presence: 'online' })
  expect(await stranger.sync(quietly)).not.toHaveProperty('presence')
  for (const userId of [bob.userId, '@nobody:here.test']) {
    const answer = await stranger.request('GET', `/_matrix/client/v3${pathOf(userId)}`)
    expect([answer.status, answer.body['errcode']]).toEqual([403, 'M_FORBIDDEN'])
  }
  expect(await stranger.call('GET', pathOf(stranger.userId))).toEqual({ presence: 'offline' })
})

it.each([
  [{ presence: 'busy' }, 'M_INVALID_PARAM'],
  [{}, 'M_MISSING_PARAM'],
  [{ presence: 'online', status_msg: 7 }, 'M_BAD_JSON'],
  [{ presence: 'online', status_msg: 'x'.repeat(513) }, 'M_TOO_LARGE'],
])('refuses %j', async (body, errcode) => {
  const answer = await bob.request('PUT', `/_matrix/client/v3${pathOf(bob.userId)}`, body)
  expect([answer.status, answer.body['errcode']]).toEqual([400, errcode])
})

it('belongs to oneself, and syncs name no other', async () => {
  const foreign = await alice.request('PUT', `/_matrix/client/v3${pathOf(bob.userId)}`, {
    presence: 'online',
  })
  expect(foreign.status).toBe(403)
  const sync = await alice.request('GET', '/_matrix/client/v3/sync?set_presence=busy')
  expect([sync.status, sync.body['errcode']]).toEqual([400, 'M_INVALID_PARAM'])
})

it.each([
  ['/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?set_presence=unavailable', {}],
  ['/_matrix/client/v4/sync', { set_presence: 'unavailable' }],
])('is set by sliding sync: %s', async (path, body) => {
  await put(bob, { presence: 'online' })
  expect(await alice.call('GET', pathOf(bob.userId))).toMatchObject({ presence: 'online' })
  const { status } = await bob.request('POST', path, body)
  expect(status).toBe(200)
  expect(await alice.call('GET', pathOf(bob.userId))).toMatchObject({ presence: 'unavailable' })
})
