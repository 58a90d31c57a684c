import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Json, TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { HERE, hostileWorld, type HostileWorld } from './support/hostile-world.ts'

const V3 = '/_matrix/client/v3'
const id = encodeURIComponent

let world: HostileWorld
let alice: TestClient
let bob: TestClient
let roomId: string

beforeAll(async () => {
  world = await hostileWorld()
  ;[alice, bob] = [await world.register('alice'), await world.register('bob')]
  roomId = await alice.createRoom({
    preset: 'public_chat',
    power_level_content_override: { state_default: 0 },
  })
  await bob.join(roomId)
})
afterAll(() => world.close())
afterEach(() => expect(world.takeFailures()).toEqual([]))

async function status(client: TestClient, method: string, path: string, body?: unknown): Promise<number> {
  const answer = await client.request(method, V3 + path, body)
  expectSound(`${method} ${path.slice(0, 100)}`, answer.status, JSON.stringify(answer.body))
  return answer.status
}
const joined = async (client: TestClient) => (await client.call('GET', '/joined_rooms'))['joined_rooms']

describe('rooms that are not made', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `@u${n}:${HERE}`)
  const state = (count: number, content: Json = {}) =>
    Array.from({ length: count }, (_, n) => ({ type: 'x.y', state_key: `${n}`, content }))
  test.each<[string, Json]>([
    ['10,000 invites', { invite: many(10_000) }],
    ['10,000 state events', { initial_state: state(10_000) }],
    ['state larger than an event', { initial_state: state(1, { a: 'x'.repeat(70_000) }) }],
    ['a name of 64 KiB', { name: 'x'.repeat(65_536) }],
    ['a topic of 64 KiB', { topic: 'x'.repeat(65_536) }],
    ['a name that is no text', { name: { a: 'b' } }],
    ['an alias that is no text', { room_alias_name: ['a'] }],
    ['an alias of 256 bytes', { room_alias_name: 'a'.repeat(256) }],
    ['an alias with a colon', { room_alias_name: 'a:b' }],
    ['an alias with U+0000', { room_alias_name: 'a\u0000b' }],
    ['a whole alias', { room_alias_name: `#a:${HERE}` }],
    ['who is invited and no user', { invite: ['nobody'] }],
    ['who is invited and a list', { invite: [['@a:x']] }],
    ['levels that are texts', { power_level_content_override: { users_default: '50' } }],
    ['levels beyond 2^53', { power_level_content_override: { users_default: 2 ** 60 } }],
    ['a version that is a number', { room_version: 11 }],
    ['a version that is none', { room_version: '../12' }],
    ['a float in the create event', { creation_content: { a: 1.5 } }],
    ['a state key that is no text', { initial_state: [{ type: 'a', state_key: 7, content: {} }] }],
    ['content that is no object', { initial_state: [{ type: 'a', state_key: '', content: [] }] }],
  ])('%s', async (_, wish) => {
    const before = await joined(alice)
    const answer = await status(alice, 'POST', '/createRoom', wish)
    expect(answer).toBeGreaterThanOrEqual(400)
    expect(await joined(alice)).toEqual(before)
  })
})

describe('state', () => {
  const put = (client: TestClient, type: string, key: string, content: unknown) =>
    status(client, 'PUT', `/rooms/${id(roomId)}/state/${id(type)}/${id(key)}`, content)

  test('under the id of another user is refused, under ids that only look so as well', async () => {
    expect(await put(bob, 'x.y', alice.userId, {})).toBe(403)
    for (const key of ['@', '@x', `${alice.userId} `, `@ALICE:${HERE}`]) {
      expect(await put(bob, 'x.y', key, {}), key).toBe(403)
    }
    expect(await put(bob, 'x.y', bob.userId, {})).toBe(200)
  })

  test.each(['../../x', '%2e%2e', '__proto__', '\u202e', "'; --", 'a/b', 'ä'.repeat(127)])(
    'is found again under the key %j',
    async (key) => {
      expect(await put(bob, 'x.y', key, { key })).toBe(200)
      const path = `/rooms/${id(roomId)}/state/x.y/${id(key)}`
      expect(await bob.call('GET', path)).toEqual({ key })
    },
  )

  test.each([
    ['a key of 256 bytes', 'x.y', 'ä'.repeat(128)],
    ['a type of 256 bytes', 'ä'.repeat(128), ''],
    ['a key with U+0000', 'x.y', 'a\u0000'],
    ['a type with U+0000', 'a\u0000', ''],
    ['a membership of what is no user', 'm.room.member', 'bob'],
    ['a second create event', 'm.room.create', ''],
  ])('%s is refused', async (_, type, key) => {
    expect(await put(alice, type, key, { membership: 'invite' })).toBeGreaterThanOrEqual(400)
  })

  test('an event of more than 64 KiB is refused with 413, whatever it is made of', async () => {
    for (const content of [
      { a: 'x'.repeat(66_000) },
      { a: '😀'.repeat(16_500) },
      { a: Array(40_000).fill(1) },
    ]) {
      expect(await put(alice, 'x.y', 'big', content)).toBe(413)
    }
  })

  test.each(['@:', `@alice:${HERE}:1:2`, '@а:х', `@${'a'.repeat(300)}:x`, '\u0000'])(
    'nobody is invited as %j',
    async (userId) => {
      expect(
        await status(alice, 'POST', `/rooms/${id(roomId)}/invite`, { user_id: userId }),
      ).toBeGreaterThanOrEqual(400)
    },
  )
})

describe('aliases', () => {
  const directory = (alias: string) => `/directory/room/${id(alias)}`

  test.each([`#x:elsewhere.test`, '#x', 'x', `##:`, `#${'x'.repeat(300)}:${HERE}`, `#a\u0000:${HERE}`])(
    '%j is none of this server',
    async (alias) => {
      expect(await status(alice, 'PUT', directory(alias), { room_id: roomId })).toBeGreaterThanOrEqual(400)
    },
  )

  test('are removed by who made them and by the powerful of their room', async () => {
    const alias = `#mine:${HERE}`
    await alice.call('PUT', directory(alias), { room_id: roomId })
    const eve = await world.register('eve')
    expect(await status(eve, 'DELETE', directory(alias))).toBe(403)
    expect(await status(eve, 'PUT', directory(alias), { room_id: roomId })).toBeGreaterThanOrEqual(400)
    expect(await alice.call('GET', directory(alias))).toMatchObject({ room_id: roomId })
  })

  test('a room that says it follows another gets neither its aliases nor its members’ settings', async () => {
    const alias = `#home:${HERE}`
    const home = await alice.createRoom({ preset: 'public_chat', room_alias_name: 'home' })
    const rule = `/pushrules/global/room/${id(home)}`
    await alice.call('PUT', rule, { actions: [] })
    const settings = (room: string) => `/user/${id(alice.userId)}/rooms/${id(room)}/account_data/m.tag`
    await alice.call('PUT', settings(home), { tags: { 'm.favourite': {} } })
    const thief = await bob.createRoom({
      preset: 'public_chat',
      creation_content: { predecessor: { room_id: home, event_id: '$x' } },
    })
    await alice.join(thief)
    const marker = await bob.say(thief, 'done')
    await expect.poll(async () => JSON.stringify(await alice.sync({ timeout: '0' }))).toContain(marker)
    expect(await alice.call('GET', directory(alias))).toMatchObject({ room_id: home })
    expect(await status(alice, 'GET', `/pushrules/global/room/${id(thief)}`)).toBe(404)
    expect(await status(alice, 'GET', settings(thief))).toBe(404)
    expect(await status(bob, 'DELETE', directory(alias))).toBe(403)
  })

  test('a canonical alias has to lead to the room', async () => {
    await alice.createRoom({ preset: 'public_chat', room_alias_name: 'other' })
    for (const content of [{ alias: `#other:${HERE}` }, { alias: 7 }, { alt_aliases: [`#no:${HERE}`] }]) {
      const path = `/rooms/${id(roomId)}/state/m.room.canonical_alias`
      expect(await status(alice, 'PUT', path, content)).toBe(400)
    }
  })
})
