import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
})
afterAll(() => server.close())

interface Rooms {
  readonly join: Record<string, { timeline: { events: Json[]; limited: boolean }; state: { events: Json[] } }>
}
const joined = (answer: Json): Rooms['join'] => (answer['rooms'] as Rooms).join

it('takes a stored filter by its id, and refuses one that does not exist', async () => {
  const roomId = await alice.createRoom()
  await alice.say(roomId, 'kept')
  const { filter_id: id } = await alice.call('POST', `/user/${encodeURIComponent(alice.userId)}/filter`, {
    room: { timeline: { types: ['m.room.message'] }, state: { types: [] } },
  })
  const room = joined(await alice.sync({ filter: String(id) }))[roomId]!
  expect(room.timeline.events.map(({ type }) => type)).toEqual(['m.room.message'])
  expect(room.state.events).toEqual([])
  for (const filter of ['777', 'x', '{', '[]']) {
    expect(
      (await alice.request('GET', `/_matrix/client/v3/sync?filter=${encodeURIComponent(filter)}`)).status,
    ).toBe(400)
  }
})

it('finds the events that a filter wants behind many that it does not', async () => {
  const roomId = await alice.createRoom()
  await alice.say(roomId, 'first')
  for (let index = 0; index < 30; index++) await alice.send(roomId, 'org.example.noise', {})
  const filter = '{"room":{"timeline":{"limit":2,"not_types":["org.*"]}}}'
  const { timeline } = joined(await alice.sync({ filter }))[roomId]!
  expect(timeline.events.at(-1)).toMatchObject({ content: { body: 'first' } })
  expect(timeline.events).toHaveLength(2)
  expect(timeline.limited).toBe(true)
})

it('shows only the rooms asked for', async () => {
  const [one, two] = [await alice.createRoom(), await alice.createRoom()]
  const only = joined(await alice.sync({ filter: JSON.stringify({ room: { rooms: [one] } }) }))
  expect(Object.keys(only)).toEqual([one])
  const others = joined(await alice.sync({ filter: JSON.stringify({ room: { not_rooms: [one] } }) }))
  expect(Object.keys(others)).toContain(two)
  expect(Object.keys(others)).not.toContain(one)
})

it('gives only the fields asked for, and PDUs where they are asked for', async () => {
  const roomId = await alice.createRoom()
  await alice.say(roomId, 'in parts')
  const picked = joined(await alice.sync({ filter: '{"event_fields":["content.body","sender"]}' }))[roomId]!
  expect(picked.timeline.events.at(-1)).toEqual({ content: { body: 'in parts' }, sender: alice.userId })
  const raw = joined(await alice.sync({ filter: '{"event_format":"federation"}' }))[roomId]!
  expect(raw.timeline.events.at(-1)).toHaveProperty('signatures')
})

it('repeats the whole state when told to', async () => {
  const roomId = await alice.createRoom({ name: 'Whole' })
  const since = String((await alice.sync())['next_batch'])
  const room = joined(await alice.sync({ since, full_state: 'true' }))[roomId]!
  expect(room.timeline.events).toEqual([])
  expect(room.state.events.map(({ type }) => type)).toContain('m.room.name')
})
