import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let carol: TestClient
let roomId: string

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  carol = await server.register('carol')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
  await carol.join(roomId)
})
afterAll(() => server.close())

interface Room {
  timeline: { events: { content: { body?: string } }[]; limited: boolean }
}

/** The bodies of a first sync's timeline; events without one are left out. */
async function bodies(
  client: TestClient,
  limit: number,
  section: 'join' | 'leave' = 'join',
): Promise<string[]> {
  const filter = JSON.stringify({ room: { include_leave: true, timeline: { limit } } })
  const answer = await client.sync({ filter })
  const rooms = answer['rooms'] as Record<'join' | 'leave', Record<string, Room>>
  const room = rooms[section][roomId]
  return (room?.timeline.events ?? []).map(({ content }) => content.body).filter((body) => body !== undefined)
}

it('gives whoever begins anew the newest events, however many others began before', async () => {
  await alice.say(roomId, 'one')
  await alice.say(roomId, 'two')
  expect(await bodies(bob, 2)).toEqual(['one', 'two'])
  expect(await bodies(carol, 1)).toEqual(['two'])
  await bob.say(roomId, 'three')
  expect(await bodies(carol, 1)).toEqual(['three'])
  expect(await bodies(carol, 3)).toEqual(['one', 'two', 'three'])
  expect(await bodies(bob, 2)).toEqual(['two', 'three'])
})

it('shows those who have left nothing newer, and those who stay nothing less', async () => {
  await carol.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
  await alice.say(roomId, 'four')
  // The one who has left comes first to a room of which nothing is known.
  expect(await bodies(carol, 4, 'leave')).toEqual(['one', 'two', 'three'])
  expect(await bodies(bob, 1)).toEqual(['four'])
  expect(await bodies(carol, 4, 'leave')).toEqual(['one', 'two', 'three'])
})
