import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { stateIn, type SlidingAnswer } from './sliding-client.fixture.ts'

let server: TestServer
let alice: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
})
afterAll(() => server.close())

async function sync(client: TestClient, body: Json): Promise<SlidingAnswer> {
  const answer = await client.request('POST', '/_matrix/client/v4/sync', body)
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body as Json & SlidingAnswer
}

const list = (required_state: Json, timeline_limit = 1): Json => ({
  range: [0, 9],
  timeline_limit,
  required_state,
})

it('says membership and lists, and goes on from a position in the body', async () => {
  const roomId = await alice.createRoom({ name: 'Hall' })
  const lists = { all: list({ include: [{ type: 'm.room.name' }] }) }
  const first = await sync(alice, { lists })
  expect(first.rooms[roomId]).toMatchObject({
    initial: true,
    membership: 'join',
    lists: ['all'],
    name: 'Hall',
  })
  expect(first.rooms[roomId]).not.toHaveProperty('notification_count')
  expect(stateIn(first.rooms[roomId])).toEqual(['m.room.name/'])
  const waiting = sync(alice, { lists, pos: first.pos, timeout: 20_000 })
  await alice.setState(roomId, 'm.room.name', {})
  const next = await waiting
  expect(next.rooms[roomId]).toMatchObject({ membership: 'join', name: null })
  const config = list({}, 5)
  const subscribed = await sync(alice, { room_subscriptions: { [roomId]: config }, pos: next.pos })
  expect(subscribed.rooms[roomId]).toMatchObject({ expanded_timeline: true })
  expect(subscribed.rooms[roomId]).not.toHaveProperty('lists')
})

it('takes out of the state what is excluded, members that are asked for lazily apart', async () => {
  const roomId = await alice.createRoom({})
  const exclude = [{ type: 'm.room.create', state_key: '' }, { type: 'm.room.member' }]
  const answer = await sync(alice, { lists: { all: list({ include: [{}], exclude, lazy_members: true }) } })
  const places = (await alice.state(roomId)).map(({ type, state_key: key }) => `${type}/${key}`)
  await alice.say(roomId, 'hello')
  const others = places.filter((place) => !/^m\.room\.(create|member)/.test(place)).toSorted()
  expect(stateIn(answer.rooms[roomId]).filter((place) => !place.includes('member'))).toEqual(others)
  expect(stateIn(answer.rooms[roomId])).toContain(`m.room.member/${alice.userId}`)
})

it('says stripped state, and that an invite was turned down', async () => {
  const user = await server.register('guest')
  const roomId = await alice.createRoom({ invite: [user.userId] })
  const lists = { all: { ...list({}), filters: { is_invited: true } }, any: list({}) }
  const first = await sync(user, { lists })
  expect(first.lists).toEqual({ all: { count: 1 }, any: { count: 1 } })
  expect(first.rooms[roomId]).toMatchObject({ membership: 'invite', lists: ['all', 'any'] })
  expect(first.rooms[roomId]).toHaveProperty('stripped_state')
  await user.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
  const left = await sync(user, { lists, pos: first.pos })
  expect(left.rooms[roomId]).toMatchObject({ membership: 'leave', lists: ['any'] })
})

it('gives positions that history knows', async () => {
  const roomId = await alice.createRoom({})
  const { pos } = await sync(alice, { lists: {} })
  await alice.say(roomId, 'newer')
  const query = new URLSearchParams({ from: pos, dir: 'f' })
  const { chunk } = await alice.call('GET', `/rooms/${encodeURIComponent(roomId)}/messages?${query}`)
  expect((chunk as { content: Json }[]).map(({ content }) => content['body'])).toEqual(['newer'])
})

const many = (count: number): Json =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, list({})]))

it.each<[Json, string]>([
  [{ pos: 'nonsense' }, 'M_UNKNOWN_POS'],
  [{ set_presence: 'busy' }, 'M_INVALID_PARAM'],
  [{ lists: many(101) }, 'M_INVALID_PARAM'],
  [{ lists: { 'no key': list({}) } }, 'M_INVALID_PARAM'],
  [{ room_subscriptions: many(101) }, 'M_INVALID_PARAM'],
  [{ lists: { a: { range: [0, 9], required_state: {} } } }, 'M_MISSING_PARAM'],
  [{ lists: { a: { ...list({}), range: [9, 0] } } }, 'M_BAD_JSON'],
  [{ lists: { a: { ...list({}), range: [0, 1.5] } } }, 'M_BAD_JSON'],
  [{ lists: { a: { ...list({}), timeline_limit: -1 } } }, 'M_BAD_JSON'],
  [{ lists: { a: list({ include: ['x'] }) } }, 'M_BAD_JSON'],
  [{ conn_id: 'x'.repeat(256) }, 'M_INVALID_PARAM'],
  [{ timeout: '1' }, 'M_BAD_JSON'],
  [{ extensions: { typing: { enabled: 'yes' } } }, 'M_BAD_JSON'],
])('refuses %j', async (body, errcode) => {
  const answer = await alice.request('POST', '/_matrix/client/v4/sync', body)
  expect([answer.status, answer.body['errcode']]).toEqual([400, errcode])
})
