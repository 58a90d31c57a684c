import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let carol: TestClient
let roomId: string

const LAZY = '{"room":{"state":{"lazy_load_members":true},"timeline":{"limit":1}}}'
const LAZY_AND_REDUNDANT =
  '{"room":{"state":{"lazy_load_members":true,"include_redundant_members":true},"timeline":{"limit":1}}}'

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  carol = await server.register('carol')
  roomId = await alice.createRoom({ preset: 'public_chat', name: 'Named' })
  await bob.join(roomId)
  await carol.join(roomId)
})
afterAll(() => server.close())

function membersIn(answer: Json): string[] {
  const rooms = answer['rooms'] as {
    join: Record<string, { state: { events: { type: string; state_key: string }[] } }>
  }
  const events = rooms.join[roomId]?.state.events ?? []
  return events
    .filter(({ type }) => type === 'm.room.member')
    .map(({ state_key }) => state_key)
    .sort()
}

it('gives the members of senders once, and again to who asks for that', async () => {
  await alice.say(roomId, 'one')
  const first = await bob.sync({ filter: LAZY })
  expect(membersIn(first)).toEqual([alice.userId, bob.userId, carol.userId].sort())
  const since = String(first['next_batch'])
  await alice.say(roomId, 'two')
  expect(membersIn(await bob.sync({ filter: LAZY, since }))).toEqual([])
  expect(membersIn(await bob.sync({ filter: LAZY_AND_REDUNDANT, since }))).toEqual([alice.userId])
})

it('gives members again whose membership event has changed, in the gap too', async () => {
  const since = String((await bob.sync({ filter: LAZY }))['next_batch'])
  await carol.setState(roomId, 'm.room.member', { membership: 'join', displayname: 'Carola' }, carol.userId)
  await alice.say(roomId, 'three')
  await carol.say(roomId, 'four')
  expect(membersIn(await bob.sync({ filter: LAZY, since }))).toEqual([carol.userId])
})

it('shows all members to who does not load lazily', async () => {
  const answer = await bob.sync({ filter: '{"room":{"timeline":{"limit":1}}}' })
  expect(membersIn(answer)).toEqual([alice.userId, bob.userId, carol.userId].sort())
})
