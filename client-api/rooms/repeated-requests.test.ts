import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer } from '../../spec-tests/support/test-server.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.close())

it('a request that is repeated after a restart is answered with the event that it made', async () => {
  const first = await startTestServer({ database: database.address })
  const alice = await first.register('alice')
  const roomId = await alice.createRoom()
  const said = await alice.say(roomId, 'once', 'txn')
  await first.close()

  const second = await startTestServer({ database: database.address })
  const again = new TestClient(second.url)
  again.token = alice.token
  const [repeated, other] = await Promise.all([
    again.say(roomId, 'once', 'txn'),
    again.say(roomId, 'other', 'txn2'),
  ])
  expect(repeated).toBe(said)
  expect(other).not.toBe(said)
  expect(await again.say(roomId, 'once', 'txn')).toBe(said)
  await second.close()
})

it('a repeated request is not counted against the limit, a new one is', async () => {
  const server = await startTestServer({ config: { rc_message: { per_second: 0.001, burst_count: 2 } } })
  const bob = await server.register('bob')
  const roomId = await bob.createRoom()
  const said = await bob.say(roomId, 'a', 'first')
  for (let n = 0; n < 5; n++) expect(await bob.say(roomId, 'a', 'first')).toBe(said)
  await bob.say(roomId, 'b', 'second')
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/third`
  const answer = await bob.request('PUT', path, { msgtype: 'm.text', body: 'c' })
  expect([answer.status, answer.body['errcode']]).toEqual([429, 'M_LIMIT_EXCEEDED'])
  await server.close()
})
