import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { rescheduleUser } from '../../storage/delayed-events/delayed-event-writer.ts'

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

const finalised = async () =>
  (await database.queries.selectFrom('delayed_event').select('finalised_ts').execute()).filter(
    (row) => row.finalised_ts !== null,
  ).length
const sentHere = (type: string) =>
  database.queries
    .selectFrom('event')
    .innerJoin('event_type', 'event_type.type_nid', 'event.type_nid')
    .select('event_id')
    .where('event_type.type', '=', Buffer.from(type))
    .execute()

test('what was due while the server was away is sent when it is back, and never twice', async () => {
  const start = () => startTestServer({ database: testDatabase.address })
  const first = await start()
  const alice = await first.register('alice')
  const roomId = await alice.createRoom()
  const delayed = async (client: TestClient, path: string, delay: number) =>
    client.call('PUT', `/rooms/${encodeURIComponent(roomId)}/${path}?org.matrix.msc4140.delay=${delay}`, {})
  await delayed(alice, 'send/x.message/1', 700)
  await delayed(alice, 'state/x.state/a', 700)
  await first.close()
  expect(await finalised()).toBe(0)

  const second = await start()
  await expect.poll(finalised, { timeout: 20_000 }).toBe(2)
  await second.close()
  const sent = [await sentHere('x.message'), await sentHere('x.state')]
  expect(sent.map(({ length }) => length)).toEqual([1, 1])

  // As a process leaves it behind that dies between the commit of the events and the note of it.
  await database.queries.updateTable('delayed_event').set({ finalised_ts: null, event_id: null }).execute()
  const rows = await database.queries.selectFrom('delayed_event').select('user_nid').execute()
  await rescheduleUser(database.queries, rows[0]!.user_nid)
  const third = await start()
  await expect.poll(finalised, { timeout: 20_000 }).toBe(2)
  await third.close()
  expect([await sentHere('x.message'), await sentHere('x.state')]).toEqual(sent)
  const noted = await database.queries.selectFrom('delayed_event').select('event_id').execute()
  expect(noted.map(({ event_id }) => event_id).sort()).toEqual(
    sent.flatMap((events) => events.map(({ event_id }) => event_id)).sort(),
  )
})
