import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../database.ts'
import { countStateChanges, MIN_CHANGES, noteCollected, roomsDueForCollection } from './collection-due.ts'

let testDatabase: TestDatabase
let database: Database
let position = 0

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

async function change(roomNid: number, times: number): Promise<void> {
  await sql`
    INSERT INTO current_state_delta (room_nid, stream_pos, type_nid, state_key_nid, event_nid)
    SELECT ${roomNid}, ${position}::bigint + n, 1, 1, n FROM generate_series(1, ${times}::int) AS n`.execute(
    database.queries,
  )
  position += times
}

async function due(): Promise<readonly string[]> {
  await countStateChanges(database.queries, position)
  return (await roomsDueForCollection(database.queries, 10)).map(({ roomId }) => roomId)
}

test('a room is due after enough changes, each counted once, and the more the larger its state is', async () => {
  await sql`INSERT INTO room (room_nid, room_id) OVERRIDING SYSTEM VALUE VALUES (1, '!a:x'), (2, '!b:x')`.execute(
    database.queries,
  )
  await change(1, MIN_CHANGES - 1)
  await change(2, 1)
  expect(await due()).toEqual([])
  expect(await due()).toEqual([])
  await change(1, 1)
  expect(await due()).toEqual(['!a:x'])

  const [room] = await roomsDueForCollection(database.queries, 10)
  await noteCollected(database.queries, room!, 100 * MIN_CHANGES)
  expect(await due()).toEqual([])
  await change(1, 4 * MIN_CHANGES)
  expect(await due()).toEqual([])
  await change(1, MIN_CHANGES)
  await change(2, MIN_CHANGES)
  expect(await due()).toEqual(['!a:x', '!b:x'])
})
