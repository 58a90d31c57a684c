import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let roomId: string

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  roomId = await alice.createRoom()
})
afterAll(() => server.close())

const tagsPath = (tag?: string, userId = alice.userId) =>
  `/user/${encodeURIComponent(userId)}/rooms/${encodeURIComponent(roomId)}/tags${tag === undefined ? '' : `/${encodeURIComponent(tag)}`}`
const put = (tag: string, body: Json) => alice.request('PUT', `/_matrix/client/v3${tagsPath(tag)}`, body)

test('are set, listed, told by sync and taken away', async () => {
  const { next_batch: since } = await alice.sync()
  await alice.call('PUT', tagsPath('m.favourite'), { order: 0.25 })
  await alice.call('PUT', tagsPath('u.Arbeit/Büro'), { 'org.example.colour': 'red' })
  const tags = { 'm.favourite': { order: 0.25 }, 'u.Arbeit/Büro': { 'org.example.colour': 'red' } }
  expect(await alice.call('GET', tagsPath())).toEqual({ tags })
  const synced = await alice.sync({ since: String(since) })
  const { join } = synced['rooms'] as { join: Record<string, { account_data: { events: Json[] } }> }
  expect(join[roomId]?.account_data.events).toEqual([{ type: 'm.tag', content: { tags } }])
  await alice.call('DELETE', tagsPath('m.favourite'))
  await alice.call('DELETE', tagsPath('never there'))
  expect(Object.keys((await alice.call('GET', tagsPath()))['tags'] as Json)).toEqual(['u.Arbeit/Büro'])
})

test('set at the same moment are all kept', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `u.at-once-${index}`)
  await Promise.all(names.map((name) => put(name, {})))
  expect(Object.keys((await alice.call('GET', tagsPath()))['tags'] as Json)).toEqual(
    expect.arrayContaining(names),
  )
})

test.each<[string, Json, string]>([
  ['x'.repeat(256), {}, 'M_INVALID_PARAM'],
  ['u.order', { order: 1.5 }, 'M_INVALID_PARAM'],
  ['u.order', { order: 'first' }, 'M_INVALID_PARAM'],
])('what is wrong is refused (%#)', async (tag, body, errcode) => {
  expect(await put(tag, body)).toMatchObject({ status: 400, body: { errcode } })
})

test('are bounded in number, and of their own user alone', async () => {
  const room = roomId
  roomId = await alice.createRoom()
  for (let index = 0; index < 100; index++) await put(`u.${index}`, {})
  expect(await put('u.one-more', {})).toMatchObject({ status: 400, body: { errcode: 'M_LIMIT_EXCEEDED' } })
  expect((await put('u.7', { order: 1 })).status).toBe(200)
  roomId = room
  const others = await bob.request('GET', `/_matrix/client/v3${tagsPath()}`)
  expect(others).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  expect(await bob.call('GET', tagsPath(undefined, bob.userId))).toEqual({ tags: {} })
})

test('leave account data that is no list of tags behind', async () => {
  roomId = await alice.createRoom()
  const path = `/user/${encodeURIComponent(alice.userId)}/rooms/${encodeURIComponent(roomId)}/account_data/m.tag`
  await alice.call('PUT', path, { tags: ['m.favourite'] })
  expect(await alice.call('GET', tagsPath())).toEqual({ tags: {} })
  await alice.call('PUT', tagsPath('__proto__'), { order: 1 })
  expect(Object.keys((await alice.call('GET', tagsPath()))['tags'] as Json)).toEqual(['__proto__'])
})
