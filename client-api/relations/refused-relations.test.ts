import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let roomId: string
let count = 0

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
})
afterAll(() => server.close())

/** Sends what may be refused: its event id, or the status and the code. */
async function send(
  client: TestClient,
  type: string,
  content: Json,
  txnId = `x${count++}`,
): Promise<unknown> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${type}/${txnId}`
  const { status, body } = await client.request('PUT', path, content)
  return status === 200 ? body['event_id'] : [status, body['errcode']]
}

const react = (client: TestClient, eventId: string, key: string, type = 'm.reaction', txnId?: string) =>
  send(client, type, { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key } }, txnId)

const DUPLICATE = [400, 'M_DUPLICATE_ANNOTATION']

it('an annotation is made once by each user, key and type, until it is redacted', async () => {
  const target = await alice.say(roomId, 'hi')
  const first = await react(alice, target, '👍', 'm.reaction', 'first')
  expect(first).toBeTypeOf('string')
  expect(await react(alice, target, '👍')).toEqual(DUPLICATE)
  expect(await react(alice, target, '👍', 'm.reaction', 'first')).toBe(first)
  for (const other of [
    react(alice, target, '👎'),
    react(bob, target, '👍'),
    react(alice, target, '👍', 'm.other'),
  ]) {
    expect(await other).toBeTypeOf('string')
  }
  const path = `/rooms/${encodeURIComponent(roomId)}/redact/${encodeURIComponent(String(first))}/r`
  await alice.call('PUT', path, {})
  expect(await react(alice, target, '👍')).toBeTypeOf('string')
})

it('of the same annotations sent together one gets through', async () => {
  const target = await alice.say(roomId, 'hi')
  const answers = await Promise.all(Array.from({ length: 5 }, () => react(alice, target, '🎉')))
  expect(answers.filter((answer) => typeof answer === 'string')).toHaveLength(1)
  expect(answers.filter((answer) => typeof answer !== 'string')).toEqual(Array(4).fill(DUPLICATE))
})

it('who is not in the room hears that', async () => {
  const target = await alice.say(roomId, 'hi')
  await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
  expect(await react(bob, target, '🎈')).toEqual([403, 'M_FORBIDDEN'])
  await bob.join(roomId)
})

it('a repeated request gets its first answer after a restart too', async () => {
  const database = await createTestDatabase()
  const before = await startTestServer({ database: database.address })
  const carol = await before.register('carol')
  const room = await carol.createRoom()
  const target = await carol.say(room, 'hi')
  const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key: '🎈' } }
  const first = await carol.send(room, 'm.reaction', content, 'again')
  await before.close()
  const after = await startTestServer({ database: database.address })
  const again = after.anonymous()
  again.token = carol.token
  expect(await again.send(room, 'm.reaction', content, 'again')).toBe(first)
  await expect(again.send(room, 'm.reaction', content, 'new')).rejects.toThrow('M_DUPLICATE_ANNOTATION')
  await after.close()
  await database.close()
})

it('a thread begins at no event that relates to another', async () => {
  const thread = (eventId: string) =>
    send(alice, 'm.room.message', {
      msgtype: 'm.text',
      body: 'b',
      'm.relates_to': { rel_type: 'm.thread', event_id: eventId },
    })
  const root = await alice.say(roomId, 'root')
  const inside = await thread(root)
  expect(await thread(String(inside))).toEqual([400, 'M_UNKNOWN'])
  const reply = await send(alice, 'm.room.message', {
    msgtype: 'm.text',
    body: 'b',
    'm.relates_to': { 'm.in_reply_to': { event_id: root } },
  })
  expect(await thread(String(reply))).toBeTypeOf('string')
})
