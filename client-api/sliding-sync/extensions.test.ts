import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { everything, slide, type SlidingAnswer } from './sliding-client.fixture.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let users = 0

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

const room = (roomId: string, rest: string): string => `/rooms/${encodeURIComponent(roomId)}/${rest}`
const front = (last = 0): Json => ({ all: { ...everything(1), ranges: [[0, last]] } })
const on = { enabled: true }

/** The part of an extension, without what is not of this room. */
function partOf(answer: SlidingAnswer, extension: string, roomId: string): unknown {
  const rooms = (answer.extensions[extension] as { rooms: Record<string, unknown> } | undefined)?.rooms
  return rooms?.[roomId]
}

async function userIn(...rooms: string[]): Promise<TestClient> {
  const user = await server.register(`user${++users}`)
  for (const roomId of rooms) await user.join(roomId)
  return user
}

it('always says what there is of messages to devices and of keys, and waits all the same', async () => {
  const extensions = { to_device: on, e2ee: on, unknown: on, typing: { enabled: false } }
  const body = { conn_id: 'encryption', extensions }
  const first = await slide(alice, body)
  expect(first.extensions).toEqual({
    to_device: { next_batch: expect.any(String) as string, events: [] },
    e2ee: {
      device_lists: { changed: [], left: [] },
      device_one_time_keys_count: expect.any(Object) as object,
      device_unused_fallback_key_types: [],
    },
  })
  const { next_batch: since } = first.extensions['to_device']!
  const next = await slide(alice, { ...body, extensions: { to_device: { ...on, since } } }, first.pos, 300)
  expect(Object.keys(next.extensions)).toEqual(['to_device'])
})

it('gives account data as a whole, then what changed, and what changed out of the window', async () => {
  const [back, near] = [
    await alice.createRoom({ preset: 'public_chat' }),
    await alice.createRoom({ preset: 'public_chat' }),
  ]
  const user = await userIn(back, near)
  const set = (type: string, n: number, roomId?: string): Promise<Json> =>
    user.call('PUT', `/user/${user.userId}/${roomId ? room(roomId, '').slice(1) : ''}account_data/${type}`, {
      n,
    })
  await set('org.example', 1)
  await set('org.example', 2, back)
  await set('org.example', 3, near)
  const extensions = { account_data: on }
  const first = await slide(user, { lists: front(9), extensions })
  expect(first.extensions['account_data']!['global']).toEqual(
    expect.arrayContaining([
      { type: 'org.example', content: { n: 1 } },
      expect.objectContaining({ type: 'm.push_rules' }),
    ]),
  )
  expect(partOf(first, 'account_data', back)).toEqual([{ type: 'org.example', content: { n: 2 } }])
  const idle = await slide(user, { lists: front(9), extensions }, first.pos)
  expect(idle.extensions['account_data']).toEqual({ global: [], rooms: {} })
  await alice.say(near, 'up')
  await set('org.example', 4, back)
  await set('org.example', 5)
  const out = await slide(user, { lists: front(0), extensions }, idle.pos)
  expect(out.extensions['account_data']).toEqual({
    global: [{ type: 'org.example', content: { n: 5 } }],
    rooms: {},
  })
  const caught = await slide(user, { lists: front(9), extensions }, out.pos)
  expect(partOf(caught, 'account_data', back)).toEqual([{ type: 'org.example', content: { n: 4 } }])
  const waiting = slide(user, { lists: front(9), extensions }, caught.pos, 20_000)
  await set('org.example', 6, near)
  expect(partOf(await waiting, 'account_data', near)).toEqual([{ type: 'org.example', content: { n: 6 } }])
})

it('gives account data again as a whole to who asks for it later', async () => {
  const user = await userIn()
  await user.call('PUT', `/user/${user.userId}/account_data/org.example`, { n: 1 })
  const { pos } = await slide(user, { lists: {} })
  const later = await slide(user, { extensions: { account_data: on } }, pos)
  expect(later.extensions['account_data']!['global']).toContainEqual({
    type: 'org.example',
    content: { n: 1 },
  })
})

it('gives receipts of what it shows, then new ones, and those out of the window later', async () => {
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  const other = await alice.createRoom({ preset: 'public_chat' })
  const user = await userIn(roomId, other)
  await bob.join(roomId)
  const read = (client: TestClient, eventId: string, type = 'm.read'): Promise<Json> =>
    client.call('POST', room(roomId, `receipt/${type}/${encodeURIComponent(eventId)}`), {})
  const hidden = await alice.say(roomId, 'older')
  await read(bob, hidden)
  await read(user, hidden, 'm.read.private')
  const shown = await alice.say(roomId, 'newest')
  const extensions = { receipts: on }
  const first = await slide(user, { lists: front(9), extensions })
  expect(partOf(first, 'receipts', roomId)).toMatchObject({
    type: 'm.receipt',
    content: { [hidden]: { 'm.read.private': { [user.userId]: {} } } },
  })
  expect(JSON.stringify(partOf(first, 'receipts', roomId))).not.toContain(bob.userId)
  await read(bob, shown)
  await read(alice, shown, 'm.read.private')
  const next = await slide(user, { lists: front(9), extensions }, first.pos, 20_000)
  expect(partOf(next, 'receipts', roomId)).toMatchObject({
    content: { [shown]: { 'm.read': { [bob.userId]: {} } } },
  })
  expect(JSON.stringify(next)).not.toContain(`"${alice.userId}":{"ts"`)

  await alice.say(other, 'up')
  await read(alice, shown)
  const out = await slide(user, { lists: front(0), extensions }, next.pos)
  expect(partOf(out, 'receipts', roomId)).toBeUndefined()
  const caught = await slide(user, { lists: front(9), extensions }, out.pos)
  expect(partOf(caught, 'receipts', roomId)).toMatchObject({
    content: { [shown]: { 'm.read': { [alice.userId]: {} } } },
  })
  expect(JSON.stringify(partOf(caught, 'receipts', roomId))).not.toContain(bob.userId)
})

it('tells who is typing, and who no longer is', async () => {
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  const user = await userIn(roomId)
  const typing = (typing: boolean): Promise<Json> =>
    alice.call('PUT', room(roomId, `typing/${alice.userId}`), { typing, timeout: 20_000 })
  const extensions = { typing: on }
  const first = await slide(user, { lists: front(), extensions })
  expect(first.extensions['typing']).toEqual({ rooms: {} })
  await typing(true)
  const begun = await slide(user, { lists: front(), extensions }, first.pos, 20_000)
  expect(partOf(begun, 'typing', roomId)).toEqual({ type: 'm.typing', content: { user_ids: [alice.userId] } })
  const waiting = slide(user, { lists: front(), extensions }, begun.pos, 20_000)
  await typing(false)
  expect(partOf(await waiting, 'typing', roomId)).toEqual({ type: 'm.typing', content: { user_ids: [] } })
})

it('speaks of those rooms only that the client names', async () => {
  const [one, two] = [
    await alice.createRoom({ preset: 'public_chat' }),
    await alice.createRoom({ preset: 'public_chat' }),
  ]
  const user = await userIn(one, two)
  for (const roomId of [one, two]) {
    await user.call('PUT', `/user/${user.userId}${room(roomId, 'account_data/org.example')}`, { n: 1 })
  }
  const config = { timeline_limit: 1, required_state: [] }
  const rules = { lists: { second: { ...config, ranges: [[0, 0]] } }, room_subscriptions: { [one]: config } }
  const told = async (scope: Json): Promise<string[]> => {
    const answer = await slide(user, { ...rules, extensions: { account_data: { ...on, ...scope } } })
    return Object.keys(answer.extensions['account_data']!['rooms'] as object).toSorted()
  }
  expect(await told({})).toEqual([one, two].toSorted())
  expect(await told({ rooms: [] })).toEqual([two])
  expect(await told({ lists: [] })).toEqual([one])
  expect(await told({ lists: ['second', 'unknown'], rooms: [two] })).toEqual([two])
  expect(await told({ lists: [], rooms: [one, two] })).toEqual([one])
})
