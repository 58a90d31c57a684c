import { afterAll, beforeAll, expect, it } from 'vitest'
import { formatToken } from '../../homeserver/sync/tokens.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import type { Json } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

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

it('members are listed as they were at a place of the stream or of the history', async () => {
  const alice = await server.register('alice')
  const bob = await server.register('bob')
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  const marks: string[] = []
  const mark = async () => marks.push(await alice.say(roomId, 'mark'))
  await mark()
  await bob.join(roomId)
  await mark()
  await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})

  const listed: (string | undefined)[] = []
  for (const eventId of marks) {
    const row = await database.queries
      .selectFrom('event')
      .select(['stream_pos', 'history_pos'])
      .where('event_id', '=', eventId)
      .executeTakeFirstOrThrow()
    const tokens = [
      formatToken({ kind: 'stream', position: row.stream_pos!, ephemeral: { epoch: 'x', version: 0 } }),
      formatToken({ kind: 'history', place: row.history_pos! }),
    ]
    for (const token of tokens) {
      const answer = await alice.call('GET', `/rooms/${encodeURIComponent(roomId)}/members?at=${token}`)
      const bobs = (answer['chunk'] as Json[]).find((event) => event['state_key'] === bob.userId)
      listed.push((bobs?.['content'] as { membership: string } | undefined)?.membership)
    }
  }
  expect(listed).toEqual([undefined, undefined, 'join', 'join'])
})

it('members of a room whose timeline was told from its beginning are those of then', async () => {
  const alice = await server.register('anna')
  const bob = await server.register('ben')
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  const { rooms } = (await alice.call('GET', '/sync')) as {
    rooms: { join: Record<string, { timeline: { prev_batch: string } }> }
  }
  await bob.join(roomId)
  const at = rooms.join[roomId]!.timeline.prev_batch
  const answer = await alice.call('GET', `/rooms/${encodeURIComponent(roomId)}/members?at=${at}`)
  expect((answer['chunk'] as Json[]).map((event) => event['state_key'])).toEqual([alice.userId])
})
