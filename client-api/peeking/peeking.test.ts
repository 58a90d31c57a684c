import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let open: string
let closed: string

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  open = await alice.createRoom({
    preset: 'public_chat',
    visibility: 'public',
    initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } }],
  })
  closed = await alice.createRoom({ preset: 'public_chat' })
  await alice.say(open, 'in the open')
})
afterAll(() => server.close())

const roomPath = (roomId: string) => `/rooms/${encodeURIComponent(roomId)}/initialSync`
const bodies = (chunk: unknown) =>
  (chunk as Json[])
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => (content as Json)['body'])

test('a room that all may read is looked into, and followed, from outside', async () => {
  const room = await bob.call('GET', roomPath(open))
  expect(room).toMatchObject({ room_id: open, visibility: 'public', account_data: [] })
  expect(room).not.toHaveProperty('membership')
  const { chunk, end } = room['messages'] as Json
  expect(bodies(chunk)).toEqual(['in the open'])
  expect((room['state'] as Json[]).map(({ type }) => type)).toContain('m.room.create')

  const query = new URLSearchParams({ room_id: open, from: String(end), timeout: '20000' })
  const waiting = bob.call('GET', `/events?${query}`)
  await alice.say(closed, 'elsewhere')
  await alice.say(open, 'news')
  const events = await waiting
  expect(bodies(events['chunk'])).toEqual(['news'])
  expect((events['chunk'] as Json[])[0]).toMatchObject({ room_id: open, sender: alice.userId })
  const later = new URLSearchParams({ room_id: open, from: String(events['end']), timeout: '0' })
  expect(await bob.call('GET', `/events?${later}`)).toMatchObject({ chunk: [], start: events['end'] })
})

test('other rooms are closed', async () => {
  for (const path of [roomPath(closed), `/events?timeout=0&room_id=${encodeURIComponent(closed)}`]) {
    const { status, body } = await bob.request('GET', `/_matrix/client/v3${path}`)
    expect([status, body['errcode']]).toEqual([403, 'M_FORBIDDEN'])
  }
})

test('events of all rooms that one is in, more than an answer holds', async () => {
  const { end } = await alice.call('GET', '/events?timeout=0')
  const said = Array.from({ length: 120 }, (_, index) => `message ${index}`)
  for (const [index, body] of said.entries()) await alice.say(index % 2 === 0 ? open : closed, body)
  const read: unknown[] = []
  for (let from = end; ;) {
    const events = await alice.call(
      'GET',
      `/events?${new URLSearchParams({ from: String(from), timeout: '0' })}`,
    )
    if ((events['chunk'] as Json[]).length === 0) break
    read.push(...bodies(events['chunk']))
    from = events['end']
  }
  expect(read).toEqual(said)
})

test('one event, where it may be seen', async () => {
  const [seen, unseen] = [await alice.say(open, 'one'), await alice.say(closed, 'other')]
  expect(await bob.call('GET', `/events/${seen}`)).toMatchObject({ event_id: seen, room_id: open })
  for (const eventId of [unseen, '$unknown']) {
    const { status, body } = await bob.request('GET', `/_matrix/client/v3/events/${eventId}`)
    expect([status, body['errcode']]).toEqual([404, 'M_NOT_FOUND'])
  }
})

test('all rooms at one look', async () => {
  const invited = await alice.createRoom({ invite: [bob.userId] })
  await bob.join(closed)
  await bob.call('PUT', `/user/${bob.userId}/account_data/org.example.mine`, { number: 1 })
  const answer = await bob.call('GET', '/initialSync?limit=3')
  const rooms = new Map((answer['rooms'] as Json[]).map((room) => [room['room_id'], room]))
  expect(rooms.get(invited)).toMatchObject({ membership: 'invite' })
  const joined = rooms.get(closed)
  expect(joined).toMatchObject({ membership: 'join', messages: { end: answer['end'] } })
  expect((joined?.['messages'] as { chunk: Json[] }).chunk).toHaveLength(3)
  expect((joined?.['state'] as Json[]).map(({ type }) => type)).toContain('m.room.power_levels')
  expect(answer['account_data']).toContainEqual({ type: 'org.example.mine', content: { number: 1 } })
})
