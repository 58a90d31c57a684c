import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Json, TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { hostileWorld, type HostileWorld } from './support/hostile-world.ts'

const V3 = '/_matrix/client/v3'
const id = encodeURIComponent

let world: HostileWorld
let alice: TestClient
let mallory: TestClient
let secret: string
let shared: string

beforeAll(async () => {
  world = await hostileWorld()
  ;[alice, mallory] = [await world.register('alice'), await world.register('mallory')]
  secret = await alice.createRoom({ name: 'Board' })
  await alice.say(secret, 'we sell')
  shared = await mallory.createRoom({ preset: 'public_chat' })
  for (let index = 0; index < 120; index++) await mallory.say(shared, `message ${index}`)
})
afterAll(() => world.close())
afterEach(() => expect(world.takeFailures()).toEqual([]))

interface Synced {
  readonly next_batch: string
  readonly rooms?: { readonly join?: Readonly<Record<string, { timeline: Json & { events: Json[] } }>> }
}
const sync = async (client: TestClient, query: Readonly<Record<string, string>> = {}) =>
  (await client.sync({ timeout: '0', ...query })) as Json & Synced

describe('tokens', () => {
  const takers: readonly (readonly [string, (token: string) => string])[] = [
    ['sync', (token) => `/sync?timeout=0&since=${token}`],
    ['messages, from', (token) => `/rooms/${id(shared)}/messages?dir=b&from=${token}`],
    ['messages, to', (token) => `/rooms/${id(shared)}/messages?dir=b&to=${token}`],
    ['members', (token) => `/rooms/${id(shared)}/members?at=${token}`],
    ['notifications', (token) => `/notifications?from=${token}`],
    ['public rooms', (token) => `/publicRooms?since=${token}`],
    ['threads', (token) => `/../v1/rooms/${id(shared)}/threads?from=${token}`],
    ['hierarchy', (token) => `/../v1/rooms/${id(shared)}/hierarchy?from=${token}`],
  ]
  const garbage = [
    's',
    's-1_x.0',
    's1',
    's1_x.-1',
    's99999999999999999999_x.0',
    'h1e3',
    'h--1',
    't1-2_3',
    "s1_x.0'; DROP TABLE event; --",
    '%00',
    'x'.repeat(5_000),
    '%F0%9F%98%80',
  ]

  test.each(takers)('that nobody gave out are refused by %s', async (_, path) => {
    for (const token of garbage) {
      const at = `${V3}${path(token)}`.replace('/v3/..', '')
      const answer = await mallory.request('GET', at)
      expectSound(at, answer.status, JSON.stringify(answer.body))
      expect(answer.status, at).toBe(400)
    }
  })

  test('of another user open nothing of theirs', async () => {
    const whole = await sync(alice)
    const next = await alice.say(secret, 'tomorrow')
    const seen = await sync(mallory, { since: whole.next_batch })
    expect(JSON.stringify(seen)).not.toContain(next)
    const everything = JSON.stringify([seen, await sync(mallory)])
    expect(everything).not.toContain(secret)
    const batch = String(whole.rooms!.join![secret]!.timeline['prev_batch'])
    const there = await mallory.request('GET', `${V3}/rooms/${id(secret)}/messages?dir=b&from=${batch}`)
    expect([there.status, there.body['errcode']]).toEqual([403, 'M_FORBIDDEN'])
  })

  test('of another room lead to nothing of that room', async () => {
    const whole = await sync(alice)
    const batch = String(whole.rooms!.join![secret]!.timeline['prev_batch'])
    for (const dir of ['b', 'f']) {
      const path = `/rooms/${id(shared)}/messages?dir=${dir}&limit=500&from=${batch}`
      const { chunk } = (await mallory.call('GET', path)) as { chunk: Json[] }
      expect(new Set(chunk.map((event) => event['room_id']))).not.toContain(secret)
    }
  })

  test('of a future that never was do not hide what happens next', async () => {
    const { next_batch } = await sync(mallory)
    const future = next_batch.replace(/^s\d+/, `s${Number.MAX_SAFE_INTEGER}`)
    const answer = await mallory.request('GET', `${V3}/sync?timeout=0&since=${future}`)
    expectSound('sync in the future', answer.status, JSON.stringify(answer.body))
    if (answer.status === 400) return
    const said = await mallory.say(shared, 'here and now')
    const after = await sync(mallory, { since: String(answer.body['next_batch']) })
    expect(JSON.stringify(after)).toContain(said)
  })
})

describe('filters', () => {
  const inline = (filter: unknown) =>
    mallory.request('GET', `${V3}/sync?timeout=0&filter=${id(JSON.stringify(filter))}`)

  test('a limit of a milliard gives a bounded page', async () => {
    const { rooms } = await sync(mallory, { filter: '{"room":{"timeline":{"limit":1000000000}}}' })
    const { events, limited } = rooms!.join![shared]!.timeline
    expect(events.length).toBeLessThanOrEqual(100)
    expect(limited).toBe(true)
    const page = `/rooms/${id(shared)}/messages?dir=b&limit=1000000000`
    expect(((await mallory.call('GET', page))['chunk'] as Json[]).length).toBeLessThanOrEqual(500)
  })

  test.each([
    ['1,500 rooms', { room: { rooms: Array.from({ length: 1_500 }, (_, n) => `!${n}:x`) } }],
    ['1,500 senders', { room: { timeline: { not_senders: Array(1_500).fill('@a:x') } } }],
    ['1,500 fields', { event_fields: Array.from({ length: 1_500 }, (_, n) => `content.${n}`) }],
    ['no object', [[]]],
  ])('of %s are refused', async (_, filter) => {
    const answer = await mallory.request('POST', `${V3}/user/${id(mallory.userId)}/filter`, filter)
    expect(answer.status).toBe(400)
  })

  test('nested without end are refused', async () => {
    const nested = `{"room":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`
    const answer = await mallory.request('POST', `${V3}/user/${id(mallory.userId)}/filter`, nested)
    expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_NOT_JSON'])
  })

  test('of a thousand wildcards cost no more than others', async () => {
    const types = Array.from({ length: 200 }, (_, n) => `*a${n}*`.repeat(10) + 'b')
    const answer = await mallory.request('POST', `${V3}/user/${id(mallory.userId)}/filter`, {
      room: { timeline: { not_types: types } },
    })
    expect(answer.status).toBe(200)
    const seen = await sync(mallory, { filter: String(answer.body['filter_id']) })
    expect(seen.rooms!.join![shared]!.timeline.events.length).toBeGreaterThan(0)
  })

  test.each(
    [
      ['__proto__'],
      ['__proto__.polluted', 'content.__proto__.polluted', 'constructor.prototype.polluted'],
      ['content', 'content.body', 'content.body.x'],
      ['content.body.x', 'content.body'],
      ['', '.', '..', '\\', 'content\\', 'content\\.body'],
      ['a.'.repeat(127)],
      ['unsigned.age.x.y', 'event_id.length'],
    ].map((fields) => [fields]),
  )('the fields %j pick what is there and nothing else', async (fields) => {
    const answer = await inline({ event_fields: fields })
    expectSound(JSON.stringify(fields), answer.status, JSON.stringify(answer.body))
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as Json)['polluted']).toBeUndefined()
  })

  test('belong to their user', async () => {
    const { filter_id } = await alice.call('POST', `/user/${id(alice.userId)}/filter`, {})
    const read = await mallory.request('GET', `${V3}/user/${id(alice.userId)}/filter/${String(filter_id)}`)
    expect(read.status).toBe(403)
    const used = await mallory.request('GET', `${V3}/sync?timeout=0&filter=9999999`)
    expect(used.status).toBe(400)
  })
})

test('two hundred polls of one user at the same time are all answered, by one event', async () => {
  const { next_batch } = await sync(mallory)
  const polls = Array.from({ length: 200 }, () => sync(mallory, { since: next_batch, timeout: '20000' }))
  const said = await mallory.say(shared, 'to all')
  for (const answer of await Promise.all(polls)) expect(JSON.stringify(answer)).toContain(said)
})
