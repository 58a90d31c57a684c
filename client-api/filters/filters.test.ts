import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let server: TestServer
let alice: { userId: string; token: string }
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
})
afterAll(() => server.close())

const path = (id = '') => `/_matrix/client/v3/user/${alice.userId}/filter${id}`
const define = (body: unknown) => server.request('POST', path(), { token: alice.token, body })

test('a filter comes back as it was, and an equal one has the same id', async () => {
  const filter = { room: { timeline: { limit: 10, types: ['m.*'] } }, 'org.example.unknown': 1 }
  const [first, second] = await Promise.all([define(filter), define(filter)])
  expect(first.body).toEqual({ filter_id: expect.stringMatching(/^\d+$/) })
  expect(second.body).toEqual(first.body)
  const stored = await server.request('GET', path(`/${first.body.filter_id}`), { token: alice.token })
  expect(stored.body).toEqual(filter)
  expect((await define({})).body.filter_id).not.toBe(first.body.filter_id)
})

test.each(['/99', '/x', '/-1', '/1.5', '/9999999999999999999'])('filter %s is not found', async (id) => {
  const { status, body } = await server.request('GET', path(id), { token: alice.token })
  expect([status, body.errcode]).toEqual([404, 'M_NOT_FOUND'])
})

test.each([
  { presence: 'x' },
  { account_data: [] },
  { event_format: 'xml' },
  { event_fields: 'x' },
  { room: 1 },
  { room: { rooms: ['noroom'] } },
  { room: { include_leave: 1 } },
  { room: { timeline: 'x' } },
  { room: { state: 'x' } },
  { room: { ephemeral: 'x' } },
  { room: { account_data: 'x' } },
  { room: { timeline: { rooms: 'x' } } },
  { room: { timeline: { not_rooms: 'x' } } },
  { room: { timeline: { senders: 'x' } } },
  { room: { timeline: { not_senders: 'x' } } },
  { room: { timeline: { types: 'x' } } },
  { room: { timeline: { not_types: 'x' } } },
  { room: { timeline: { types: [1] } } },
  { room: { timeline: { types: ['x'.repeat(256)] } } },
  { room: { timeline: { rooms: ['not_a_room_id'] } } },
  { room: { timeline: { senders: ['not_a_sender_id'] } } },
  { room: { timeline: { limit: -1 } } },
  { room: { timeline: { limit: 1.5 } } },
  { room: { timeline: { types: Array.from({ length: 1_001 }, () => 'x') } } },
  { room: { state: { lazy_load_members: 'yes' } } },
])('%j is refused', async (filter) => {
  const { status, body } = await define(filter)
  expect([status, body.errcode]).toEqual([400, 'M_BAD_JSON'])
})

test('filters belong to their user', async () => {
  const bob = await server.register('bob')
  const answer = await server.request('GET', path('/0'), { token: bob.token })
  expect([answer.status, answer.body.errcode]).toEqual([403, 'M_FORBIDDEN'])
})
