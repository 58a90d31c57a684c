import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase, type Database } from '../../storage/database.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let testDatabase: TestDatabase
let database: Database
let server: TestServer
let alice: TestClient
let bob: TestClient
let room: string

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  server = await startTestServer({ database: testDatabase.address })
  alice = await server.register('alice')
  bob = await server.register('bob')
  room = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(room)
})
afterAll(async () => {
  await server.close()
  await database.close()
  await testDatabase.close()
})

function receipt(type: string, eventId: string, body: unknown = {}, roomId = room) {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/receipt/${type}/${encodeURIComponent(eventId)}`
  return bob.request('POST', path, body)
}

function storedReceipts() {
  return database.queries
    .selectFrom('receipt')
    .select(['receipt_type', 'thread', 'event_id'])
    .orderBy('receipt_type')
    .orderBy('thread')
    .execute()
}

async function unreadOf(client: TestClient): Promise<unknown> {
  const { rooms } = (await client.sync()) as {
    rooms: { join: Record<string, { unread_notifications: unknown }> }
  }
  return rooms.join[room]!.unread_notifications
}

function messages(count: number) {
  return { notification_count: count, highlight_count: 0 }
}

it('a receipt moves on, never back, and the count of unread messages with it', async () => {
  const said: string[] = []
  for (const body of ['one', 'two', 'three']) said.push(await alice.say(room, body))
  expect(await unreadOf(bob)).toEqual(messages(3))
  expect((await receipt('m.read', said[1]!)).body).toEqual({})
  expect(await unreadOf(bob)).toEqual(messages(1))
  await receipt('m.read', said[0]!)
  expect(await unreadOf(bob)).toEqual(messages(1))
  await receipt('m.read.private', said[2]!, { thread_id: 'main' })
  expect(await unreadOf(bob)).toEqual(messages(0))
  await receipt('m.read', said[0]!, { thread_id: said[0] })
  expect(await storedReceipts()).toEqual([
    { receipt_type: 'm.read', thread: '', event_id: said[1] },
    { receipt_type: 'm.read', thread: said[0], event_id: said[0] },
    { receipt_type: 'm.read.private', thread: 'main', event_id: said[2] },
  ])
})

it('markers are account data of the room, and never go back', async () => {
  const first = await alice.say(room, 'first')
  const second = await alice.say(room, 'second')
  const path = `/rooms/${encodeURIComponent(room)}/read_markers`
  await bob.call('POST', path, { 'm.fully_read': second, 'm.read': first, 'm.read.private': second })
  await receipt('m.fully_read', first)
  const marker = `/user/${bob.userId}/rooms/${encodeURIComponent(room)}/account_data/m.fully_read`
  expect(await bob.call('GET', marker)).toEqual({ event_id: second })
  expect((await storedReceipts())[0]).toEqual({ receipt_type: 'm.read', thread: '', event_id: first })
})

it('what is wrong is refused', async () => {
  const eventId = await alice.say(room, 'here')
  const elsewhere = await alice.createRoom()
  const outside = await alice.say(elsewhere, 'there')
  const codes = await Promise.all([
    receipt('m.unread', eventId),
    receipt('m.read', 'no event'),
    receipt('m.read', eventId, { thread_id: '' }),
    receipt('m.read', eventId, { thread_id: 1 }),
    receipt('m.fully_read', eventId, { thread_id: 'main' }),
    receipt('m.read', outside),
    receipt('m.read', outside, {}, elsewhere),
  ])
  expect(codes.map(({ status, body }) => [status, body['errcode']])).toEqual([
    ...Array(5).fill([400, 'M_INVALID_PARAM']),
    [404, 'M_NOT_FOUND'],
    [403, 'M_FORBIDDEN'],
  ])
})
