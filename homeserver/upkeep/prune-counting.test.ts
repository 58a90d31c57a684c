import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { NOTIFICATIONS_KEPT_MS, pruneCounting } from './prune-counting.ts'

const TABLES = ['thread_message', 'recalled_message', 'room_highlight', 'personal_outcome'] as const
const NEVER = new AbortController().signal
const encoded = encodeURIComponent

let testDatabase: TestDatabase
let database: Database
let server: TestServer

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  server = await startTestServer({ database: testDatabase.address })
})
afterAll(async () => {
  await server.close()
  await database.close()
  await testDatabase.close()
})

const counts = () =>
  Promise.all(
    TABLES.map(
      async (table) => (await database.queries.selectFrom(table).select('room_nid').execute()).length,
    ),
  )
const prune = (now = Date.now()) => pruneCounting(database.queries, now, NEVER)
const read = (client: TestClient, roomId: string, eventId: string) =>
  client.call('POST', `/rooms/${encoded(roomId)}/receipt/m.read/${encoded(eventId)}`, {})
async function unread(client: TestClient, roomId: string): Promise<unknown> {
  const filter = JSON.stringify({ room: { timeline: { unread_thread_notifications: true } } })
  const { rooms } = (await client.sync({ timeout: '0', filter })) as { rooms: { join: Record<string, Json> } }
  const room = rooms.join[roomId]!
  return [room['unread_notifications'], room['unread_thread_notifications']]
}

it('what counts is kept as long as somebody has not read it, and no longer', async () => {
  const [alice, bob, carol] = [
    await server.register('alice'),
    await server.register('bob'),
    await server.register('carol'),
  ]
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
  await carol.join(roomId)
  const root = await alice.say(roomId, 'root')
  const relation = { 'm.relates_to': { rel_type: 'm.thread', event_id: root } }
  await alice.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'in the thread', ...relation })
  const taken = await alice.say(roomId, 'taken back')
  await alice.call('PUT', `/rooms/${encoded(roomId)}/redact/${encoded(taken)}/r`, {})
  const mention = (mentions: Json) =>
    alice.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'you', 'm.mentions': mentions })
  await mention({ room: true })
  const last = await mention({ user_ids: [bob.userId] })
  expect(await counts()).toEqual([1, 1, 1, 1])
  const before = [await unread(bob, roomId), await unread(carol, roomId)]
  expect(await prune(Date.now() + 2 * NOTIFICATIONS_KEPT_MS)).toBe(0)

  await read(bob, roomId, last)
  expect(await prune()).toBe(0)
  const month = Date.now() + NOTIFICATIONS_KEPT_MS + 60_000
  expect(await prune(month)).toBe(1)
  expect(await counts()).toEqual([1, 1, 1, 0])
  expect(await unread(carol, roomId)).toEqual(before[1])

  await read(carol, roomId, last)
  await read(alice, roomId, last)
  const done = [await unread(bob, roomId), await unread(carol, roomId)]
  await prune()
  expect(await counts()).toEqual([0, 0, 1, 0])
  await prune(month)
  expect(await counts()).toEqual([0, 0, 0, 0])
  expect([await unread(bob, roomId), await unread(carol, roomId)]).toEqual(done)
})

it('a room that everybody has left keeps nothing', async () => {
  const dora = await server.register('dora')
  const roomId = await dora.createRoom()
  const root = await dora.say(roomId, 'root')
  const relation = { 'm.relates_to': { rel_type: 'm.thread', event_id: root } }
  await dora.send(roomId, 'm.room.message', { msgtype: 'm.text', body: 'reply', ...relation })
  expect((await counts())[0]).toBe(1)
  await dora.call('POST', `/rooms/${encoded(roomId)}/leave`, {})
  await prune()
  expect((await counts())[0]).toBe(0)
})
