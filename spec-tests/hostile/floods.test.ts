import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Json, TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { hostileWorld, type HostileWorld } from './support/hostile-world.ts'

const V3 = '/_matrix/client/v3'
const id = encodeURIComponent

let world: HostileWorld
let users = 0

beforeAll(async () => {
  world = await hostileWorld()
})
afterAll(() => world.close())
afterEach(() => expect(world.takeFailures()).toEqual([]))

const newUser = (): Promise<TestClient> => world.register(`flood${++users}`)

async function refused(client: TestClient, method: string, path: string, body: unknown): Promise<number> {
  const answer = await client.request(method, V3 + path, body)
  expectSound(path.slice(0, 100), answer.status, JSON.stringify(answer.body))
  return answer.status
}

async function fill(
  client: TestClient,
  statement: (userNid: number) => ReturnType<typeof sql>,
): Promise<void> {
  const { queries } = world.database
  const user = queries.selectFrom('matrix_user').select('user_nid').where('user_id', '=', client.userId)
  await statement((await user.executeTakeFirstOrThrow()).user_nid).execute(queries)
}

describe('account data', () => {
  const at = (client: TestClient, type: string) => `/user/${id(client.userId)}/account_data/${id(type)}`

  test('has a size', async () => {
    const user = await newUser()
    expect(await refused(user, 'PUT', at(user, 'big'), { a: 'x'.repeat(300_000) })).toBe(413)
    expect(await refused(user, 'GET', at(user, 'big'), undefined)).toBe(404)
  })

  test('has a number; what is there can still be changed', async () => {
    const user = await newUser()
    await user.call('PUT', at(user, 'first'), { n: 1 })
    await fill(
      user,
      (nid) => sql`
        INSERT INTO account_data (user_nid, room_nid, type, content, stream_pos)
        SELECT ${nid}, room_nid, 't' || n, content, stream_pos
          FROM account_data, generate_series(1, 50000) AS n WHERE user_nid = ${nid} AND type = 'first'`,
    )
    expect(await refused(user, 'PUT', at(user, 'one.more'), { n: 1 })).toBe(400)
    await user.call('PUT', at(user, 'first'), { n: 2 })
    expect(await user.call('GET', at(user, 'first'))).toEqual({ n: 2 })
  })
})

describe('push rules', () => {
  const rule = (kind: string, name: string) => `/pushrules/global/${kind}/${id(name)}`
  const actions = ['notify']

  test('have a number', async () => {
    const user = await newUser()
    const put = (n: number) =>
      user.request('PUT', `${V3}${rule('content', `r${n}`)}`, { pattern: `p${n}`, actions })
    for (let n = 0; n < 1_000; n += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => put(n + index)))
    }
    const extra = await put(1_000)
    expect(extra.status).toBe(400)
    expect((await put(7)).status).toBe(200)
  }, 30_000)

  test.each([
    ['an id of 300 characters', 'content', 'x'.repeat(300), { pattern: 'a', actions }],
    ['a pattern of 10,000 characters', 'content', 'a', { pattern: '*a'.repeat(5_000), actions }],
    ['a thousand conditions', 'override', 'a', { conditions: Array(1_000).fill({ kind: 'x' }), actions }],
    ['a thousand actions', 'override', 'a', { conditions: [], actions: Array(1_000).fill('notify') }],
    ['a condition that is none', 'override', 'a', { conditions: ['x'], actions }],
    ['a rule of 100 KB', 'room', '!a:x', { actions: [{ set_tweak: 'sound', value: 'x'.repeat(100_000) }] }],
  ])('%s is refused', async (_, kind, name, body) => {
    expect(await refused(await newUser(), 'PUT', rule(kind, name), body)).toBe(400)
  })

  test('globs and levels that are made to be slow or odd hold no message up', async () => {
    const [listener, speaker] = [await newUser(), await newUser()]
    for (let n = 0; n < 20; n++) {
      const pattern = `${'*a'.repeat(400)}b${n}`
      await listener.call('PUT', rule('content', `bomb${n}`), { pattern, actions })
      const conditions = [
        { kind: 'event_match', key: 'content.body', pattern },
        { kind: 'sender_notification_permission', key: '__proto__' },
        { kind: 'event_property_is', key: 'content.__proto__', value: null },
        { kind: 'room_member_count', is: '>=99999999999999999999' },
      ]
      await listener.call('PUT', rule('override', `bomb${n}`), { conditions, actions })
    }
    const roomId = await speaker.createRoom({ preset: 'public_chat' })
    await listener.join(roomId)
    const said = await speaker.say(roomId, 'a'.repeat(60_000))
    expect(JSON.stringify(await listener.sync({ timeout: '0' }))).toContain(said)
  }, 20_000)
})

describe('tags', () => {
  const at = (client: TestClient, roomId: string, tag = '') =>
    `/user/${id(client.userId)}/rooms/${id(roomId)}/tags${tag && `/${id(tag)}`}`

  test('have a size, each and together', async () => {
    const user = await newUser()
    const roomId = await user.createRoom()
    expect(await refused(user, 'PUT', at(user, roomId, 'u.big'), { a: 'x'.repeat(2_000_000) })).toBe(413)
    const statuses = []
    for (let n = 0; n < 10; n++) {
      statuses.push(await refused(user, 'PUT', at(user, roomId, `u.${n}`), { a: 'x'.repeat(50_000) }))
    }
    expect(new Set(statuses)).toEqual(new Set([200, 413]))
    expect(JSON.stringify(await user.call('GET', at(user, roomId))).length).toBeLessThan(262_144)
  })

  test('count as entries of account data', async () => {
    const user = await newUser()
    const rooms = [await user.createRoom(), await user.createRoom()]
    await user.call('PUT', at(user, rooms[0]!, 'u.first'), {})
    await fill(
      user,
      (nid) => sql`
        INSERT INTO account_data (user_nid, room_nid, type, content, stream_pos)
        SELECT ${nid}, room_nid, 't' || n, content, stream_pos
          FROM account_data, generate_series(1, 50000) AS n WHERE user_nid = ${nid} AND type = 'm.tag'`,
    )
    expect(await refused(user, 'PUT', at(user, rooms[1]!, 'u.more'), {})).toBe(400)
    expect(await refused(user, 'PUT', at(user, rooms[0]!, 'u.more'), {})).toBe(200)
  })

  test.each(['\0', '\ud800', '', '.', '__proto__', 'constructor', '\u202eu.x', 'm.', 'u.'.repeat(200)])(
    'of odd names leave no harm behind (%#)',
    async (tag) => {
      const user = await newUser()
      const roomId = await user.createRoom()
      const name = tag === '\ud800' ? '%ed%a0%80' : id(tag)
      const path = `${at(user, roomId)}/${name}`
      expect(await refused(user, 'PUT', path, { order: '1', __proto__: { order: 2 } })).toBeLessThan(500)
      expect(await refused(user, 'PUT', path, { constructor: 1, order: 1e-320 })).toBeLessThan(500)
      expect(await refused(user, 'DELETE', path, undefined)).toBeLessThan(500)
      expect(await user.call('GET', at(user, roomId))).toEqual({ tags: {} })
      expect((await user.sync({ timeout: '0' }))['next_batch']).toBeDefined()
    },
  )
})

test('filters have a number', async () => {
  const user = await newUser()
  const path = `/user/${id(user.userId)}/filter`
  const { filter_id } = await user.call('POST', path, { room: {} })
  await fill(
    user,
    (nid) => sql`
      INSERT INTO filter (user_nid, filter_id, definition_hash, definition)
      SELECT user_nid, filter_id + n, decode(lpad(to_hex(n), 64, '0'), 'hex'), definition
        FROM filter, generate_series(1, 1000) AS n WHERE user_nid = ${nid}`,
  )
  expect(await refused(user, 'POST', path, { room: { include_leave: true } })).toBe(400)
  expect(await user.call('POST', path, { room: {} })).toEqual({ filter_id })
})

test('receipts to and fro leave one, at the newest event', async () => {
  const [reader, speaker] = [await newUser(), await newUser()]
  const roomId = await speaker.createRoom({ preset: 'public_chat' })
  await reader.join(roomId)
  const events = await Promise.all(Array.from({ length: 10 }, (_, n) => speaker.say(roomId, `${n}`)))
  const receipt = (eventId: string, thread?: string) =>
    reader.request('POST', `${V3}/rooms/${id(roomId)}/receipt/m.read/${id(eventId)}`, {
      ...(thread !== undefined && { thread_id: thread }),
    })
  for (let round = 0; round < 20; round++) await Promise.all(events.map((eventId) => receipt(eventId)))
  const { rooms } = (await speaker.sync({ timeout: '0' })) as {
    rooms: { join: Record<string, { ephemeral: { events: { type: string; content: Json }[] } }> }
  }
  const told = rooms.join[roomId]!.ephemeral.events.filter(({ type }) => type === 'm.receipt')
  const newest = (
    (await speaker.call('GET', `/rooms/${id(roomId)}/messages?dir=b&limit=1`))['chunk'] as Json[]
  )[0]!
  expect(told.map(({ content }) => Object.keys(content))).toEqual([[newest['event_id']]])
  for (const thread of ['', 'x', '$unknown', '\u0000', 'm'.repeat(300)]) {
    const answer = await receipt(events[0]!, thread)
    expectSound(`receipt in ${thread}`, answer.status, JSON.stringify(answer.body))
  }
  expect((await receipt(`$${'x'.repeat(43)}`)).status).toBeLessThan(500)
})

describe('devices and profiles', () => {
  test.each(['displayname', 'avatar_url', 'm.tz', 'org.example.x'])('%s has a size', async (field) => {
    const user = await newUser()
    const path = `/profile/${id(user.userId)}/${field}`
    expect(await refused(user, 'PUT', path, { [field]: 'x'.repeat(100_000) })).toBeGreaterThanOrEqual(400)
    expect(await refused(user, 'PUT', path, { [field]: { a: ['b'] } })).toBeLessThan(500)
  })

  test('a profile has no room for a thousand fields', async () => {
    const user = await newUser()
    const statuses = new Set<number>()
    for (let n = 0; n < 80; n++) {
      const field = `org.example.f${n}`
      statuses.add(
        await refused(user, 'PUT', `/profile/${id(user.userId)}/${field}`, { [field]: 'x'.repeat(1_000) }),
      )
    }
    expect([...statuses].sort()).toEqual([200, 400])
  })

  test('names of bidirectional and invisible characters stay texts', async () => {
    const user = await newUser()
    const displayname = '\u202eecila\u200b\u2066\ufeff'
    await user.call('PUT', `/profile/${id(user.userId)}/displayname`, { displayname })
    expect(await user.call('GET', `/profile/${id(user.userId)}/displayname`)).toEqual({ displayname })
  })
})
