import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Json, TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { hostileWorld, type HostileWorld } from './support/hostile-world.ts'

const DEPLOYED = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'
const V4 = '/_matrix/client/v4/sync'

let world: HostileWorld
let alice: TestClient
let mallory: TestClient
let roomId: string

beforeAll(async () => {
  world = await hostileWorld()
  ;[alice, mallory] = [await world.register('alice'), await world.register('mallory')]
  roomId = await mallory.createRoom({ name: 'Den' })
  for (let index = 0; index < 120; index++) await mallory.say(roomId, `message ${index}`)
})
afterAll(() => world.close())
afterEach(() => expect(world.takeFailures()).toEqual([]))

const list = (change: Json = {}): Json => ({
  ranges: [[0, 9]],
  timeline_limit: 1,
  required_state: [],
  ...change,
})

async function slide(client: TestClient, body: unknown, query = '', path = DEPLOYED) {
  const answer = await client.request('POST', `${path}?timeout=0${query}`, body)
  expectSound(JSON.stringify(body).slice(0, 200), answer.status, JSON.stringify(answer.body))
  return answer
}

test.each<[string, Json]>([
  ['101 lists', { lists: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`l${n}`, list()])) }],
  ['a range below nothing', { lists: { a: list({ ranges: [[-5, 9]] }) } }],
  ['a range that ends before it begins', { lists: { a: list({ ranges: [[9, 0]] }) } }],
  ['a range of one number', { lists: { a: list({ ranges: [[0]] }) } }],
  ['a range of texts', { lists: { a: list({ ranges: [['0', '9']] }) } }],
  ['a range of fractions', { lists: { a: list({ ranges: [[0.5, 9]] }) } }],
  ['a thousand ranges', { lists: { a: list({ ranges: Array(1_000).fill([0, 1]) }) } }],
  ['a thousand kinds of state', { lists: { a: list({ required_state: Array(1_000).fill(['a', 'b']) }) } }],
  ['state that is none', { lists: { a: list({ required_state: ['a'] }) } }],
  ['lists that are none', { lists: [list()] }],
  ['subscriptions that are none', { room_subscriptions: { [`!${'x'.repeat(43)}`]: 7 } }],
])('%s is refused', async (_, body) => {
  expect((await slide(mallory, body)).status).toBe(400)
})

test.each<[string, Json]>([
  ['a range without end', { lists: { a: list({ ranges: [[0, Number.MAX_SAFE_INTEGER]] }) } }],
  ['ranges over each other', { lists: { a: list({ ranges: Array(50).fill([0, 99]) }) } }],
  ['a hundred wildcards', { lists: { a: list({ required_state: Array(100).fill(['*', '*']) }) } }],
  [
    'names of prototypes',
    { lists: JSON.parse('{"__proto__":{"ranges":[[0,1]],"timeline_limit":1,"required_state":[]}}') as Json },
  ],
  [
    'rooms that are none',
    { room_subscriptions: { 'no room': list(), '!x:y': list(), '!': list(), '': list() } },
  ],
  [
    'extensions of all kinds',
    { extensions: { typing: true, receipts: { enabled: 'x' }, x: 1, to_device: { since: 'x' } } },
  ],
])('%s is answered in bounds', async (_, body) => {
  const answer = await slide(mallory, body)
  expect(JSON.stringify(answer.body).length).toBeLessThan(100_000)
})

test('a timeline limit of a milliard gives a bounded timeline', async () => {
  for (const limit of [1e9, Number.MAX_SAFE_INTEGER]) {
    const answer = await slide(mallory, { lists: { a: list({ timeline_limit: limit }) } })
    if (answer.status === 400) continue
    const { timeline } = (answer.body['rooms'] as Record<string, { timeline: Json[] }>)[roomId]!
    expect(timeline.length).toBeLessThanOrEqual(100)
  }
  expect((await slide(mallory, { lists: { a: list({ timeline_limit: -1 }) } })).status).toBe(400)
})

test('positions of others, of the past and of nobody open no connection', async () => {
  const theirs = await slide(mallory, { lists: { a: list() } })
  const pos = String(theirs.body['pos'])
  const asked: readonly (readonly [string, Json, string?])[] = [
    [`&pos=${encodeURIComponent(pos)}`, { lists: { a: list() } }],
    ['', { pos, lists: {} }, V4],
  ]
  for (const [query, body, path] of asked) {
    const answer = await slide(alice, body, query, path)
    expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_UNKNOWN_POS'])
    expect(JSON.stringify(answer.body)).not.toContain(roomId)
  }
  for (const strange of [
    '0',
    'c1.1',
    'c-1.-1_s1_x.0',
    `${'9'.repeat(30)}`,
    "c1.1_s1_x.0' OR 1=1",
    '%00',
    'x'.repeat(4_000),
  ]) {
    const answer = await slide(mallory, { lists: { a: list() } }, `&pos=${encodeURIComponent(strange)}`)
    expect([answer.status, answer.body['errcode']], strange).toEqual([400, 'M_UNKNOWN_POS'])
  }
  expect((await slide(mallory, { lists: { a: list() } }, `&pos=${pos}`)).status).toBe(200)
})

test('connections of all names leave the user with one that works', async () => {
  for (let n = 0; n < 40; n++) await slide(mallory, { conn_id: `c${n}`, lists: { a: list() } })
  const { queries } = world.database
  const rows = await queries.selectFrom('sliding_sync_connection').select('connection_nid').execute()
  expect(rows.length).toBeLessThanOrEqual(20)
  expect((await slide(mallory, { conn_id: 'x'.repeat(10_000), lists: { a: list() } })).status).toBe(400)
  expect((await slide(mallory, { conn_id: '\u0000\u202e', lists: { a: list() } })).status).toBeLessThan(500)
})

test('a hundred requests of one connection at the same time end soundly', async () => {
  const { body } = await slide(mallory, { conn_id: 'storm', lists: { a: list() } })
  const query = `&pos=${encodeURIComponent(String(body['pos']))}`
  const storm = Array.from({ length: 100 }, () =>
    slide(mallory, { conn_id: 'storm', lists: { a: list() } }, query),
  )
  for (const { status } of await Promise.all(storm)) expect([200, 400]).toContain(status)
  const said = await mallory.say(roomId, 'after the storm')
  const after = await slide(mallory, { conn_id: 'storm', lists: { a: list() } })
  expect(JSON.stringify(after.body)).toContain(said)
})

test('what was redacted is shown by neither form, as message or as state', async () => {
  const room = await alice.createRoom({ preset: 'public_chat' })
  const said = await alice.say(room, 'a slip of the tongue')
  const topic = await alice.setState(room, 'm.room.topic', { topic: 'a slip of the pen' })
  const config = { timeline_limit: 50, required_state: [['*', '*']] }
  const deployed = { lists: { a: list(config) } }
  const own = { timeline_limit: 50, required_state: { include: [{}] } }
  const asked = async (): Promise<string> => {
    const answers = await Promise.all([
      slide(alice, deployed),
      slide(alice, { lists: { a: { range: [0, 9], ...own } } }, '', V4),
    ])
    for (const { status } of answers) expect(status).toBe(200)
    return JSON.stringify(answers.map(({ body }) => body))
  }
  expect(await asked()).toMatch(/slip of the tongue.*slip of the pen/s)
  for (const eventId of [said, topic]) {
    const path = `/rooms/${encodeURIComponent(room)}/redact/${encodeURIComponent(eventId)}/${eventId.slice(1, 9)}`
    await alice.call('PUT', path, {})
  }
  expect(await asked()).not.toContain('slip of the')
})
