import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import { kickUser } from '../../homeserver/rooms/actions/change-membership.ts'
import { eventually } from '../../spec-tests/support/eventually.ts'
import { federatingServer, type FederatingServer } from '../test-support/federating-server.ts'
import { privateNetwork, type PrivateNetwork } from '../test-support/private-network.ts'

let network: PrivateNetwork
let here: FederatingServer
let there: FederatingServer
let alice: Actor
let bob: Actor

beforeAll(async () => {
  network = await privateNetwork()
  here = await federatingServer(network, 'here.test')
  there = await federatingServer(network, 'there.test')
  alice = await here.resident.user('alice')
  bob = await there.resident.user('bob')
})
afterAll(async () => {
  await here.close()
  await there.close()
  await network.close()
})

/** A server that nothing has been sent to yet, and a room of ours that one of its users is in. */
async function sharedRoom(name: string) {
  const server = await federatingServer(network, name)
  const user = await server.resident.user('user')
  here.unreachable.add(name)
  const roomId = await here.resident.createRoom(alice)
  await server.joinThrough(user, roomId, 'here.test')
  return { server, user, roomId }
}

async function backlogOf(serverName: string) {
  return here.actions.services.queries
    .selectFrom('destination_backlog')
    .innerJoin('server', 'server.server_nid', 'destination_backlog.server_nid')
    .select(['room_nid', 'after_pos', 'until_pos'])
    .where('server.server_name', '=', serverName)
    .execute()
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `message ${index}`)

test('a server that was away gets all that it missed, in order, for one row', async () => {
  const { server, roomId } = await sharedRoom('away.test')
  const texts = numbered(130)
  for (const text of texts) await here.say(roomId, alice, text)
  const stored = await eventually('the backlog', async () => {
    const rows = await backlogOf('away.test')
    return rows.length > 0 && rows
  })
  expect(stored).toHaveLength(1)
  expect(await server.messages(roomId)).toEqual([])

  here.unreachable.delete('away.test')
  await here.federation.backoff.heardFrom('away.test')
  await eventually('the messages', async () => (await server.messages(roomId)).length === texts.length)
  await here.say(roomId, alice, 'live again')
  await eventually('the next one', async () => (await server.messages(roomId)).includes('live again'))
  expect(await server.messages(roomId)).toEqual([...texts, 'live again'])
  await eventually('an empty backlog', async () => (await backlogOf('away.test')).length === 0)
  await server.close()
})

test('a crash loses nothing', async () => {
  const { server, roomId } = await sharedRoom('crash.test')
  for (const text of numbered(20)) await here.say(roomId, alice, text)
  const again = await here.restartOutbound()
  await here.federation.backoff.heardFrom('crash.test')
  again.heardFrom('crash.test')
  await eventually('the messages', async () => (await server.messages(roomId)).length === 20)
  expect(await server.messages(roomId)).toEqual(numbered(20))
  await again.stop()
  await server.close()
})

test('what a crash left to be told goes to nobody who came later', async () => {
  const { queries } = here.actions.services
  const { head } = here.actions.services.committer
  const server = await federatingServer(network, 'later.test')
  const user = await server.resident.user('user')
  const roomId = await here.resident.createRoom(alice)
  await here.say(roomId, alice, 'among us')
  await server.joinThrough(user, roomId, 'here.test')
  await here.say(roomId, alice, 'hello')
  await queries.updateTable('outbound_cursor').set({ stream_pos: head }).execute()
  const again = await here.restartOutbound()
  again.heardFrom('later.test')
  await eventually('the message', async () => (await server.messages(roomId)).includes('hello'))
  await again.stop()
  const told = here.told.filter(({ destination }) => destination === 'later.test')
  expect(told.length).toBeGreaterThan(0)
  expect(told.filter(({ pdu }) => pdu['type'] === 'm.room.member')).toEqual([])
  expect(JSON.stringify(told)).not.toContain('among us')
  await server.close()
})

test('a sender that was never started forgets nothing', async () => {
  const cursor = () =>
    here.actions.services.queries.selectFrom('outbound_cursor').select('stream_pos').executeTakeFirst()
  await here.resident.createRoom(alice)
  await eventually('a cursor', async () => ((await cursor())?.stream_pos ?? 0) > 0)
  const before = (await cursor())!.stream_pos
  await here.senderBeforeStart().stop()
  expect((await cursor())!.stream_pos).toBeGreaterThanOrEqual(before)
})

test('a server whose users were put out while it was away learns that and nothing later', async () => {
  const { server, user, roomId } = await sharedRoom('kicked.test')
  await here.say(roomId, alice, 'before')
  await eventually('the backlog', async () => (await backlogOf('kicked.test')).length === 1)
  await kickUser(here.actions, alice, { roomId, userId: user.userId, reason: undefined })
  await here.say(roomId, alice, 'after')
  here.unreachable.delete('kicked.test')
  await here.federation.backoff.heardFrom('kicked.test')
  await eventually('an empty backlog', async () => (await backlogOf('kicked.test')).length === 0)
  const told = here.told.filter(({ destination }) => destination === 'kicked.test')
  expect(told.map(({ pdu }) => pdu['type'])).toEqual(['m.room.message', 'm.room.member'])
  expect(await server.messages(roomId)).toEqual(['before'])
  await server.close()
})

test('a join through us reaches the other servers of the room', async () => {
  const roomId = await here.resident.createRoom(alice)
  await there.joinThrough(bob, roomId, 'here.test')
  const third = await federatingServer(network, 'third.test')
  const carol = await third.resident.user('carol')
  await third.joinThrough(carol, roomId, 'here.test')
  await third.say(roomId, carol, 'hello all')
  await eventually('her message', async () => (await there.messages(roomId)).includes('hello all'))
  await eventually('her message', async () => (await here.messages(roomId)).includes('hello all'))
  await third.close()
})

test('typing and receipts reach the servers of the room', async () => {
  const roomId = await here.resident.createRoom(alice)
  await there.joinThrough(bob, roomId, 'here.test')
  const eventId = await here.say(roomId, alice, 'read this')
  await eventually('the message', async () => (await there.messages(roomId)).includes('read this'))
  await here.outbound.sendTyping(roomId, alice.userId, true)
  await eventually('typing', () => there.resident.ephemeral.typingIn(roomId).includes(alice.userId))
  await here.outbound.sendReceipt({
    roomId,
    userId: alice.userId,
    eventId,
    ts: Date.now(),
    threadId: undefined,
  })
  await eventually('the receipt', async () => {
    const rows = await there.actions.services.queries.selectFrom('receipt').select('event_id').execute()
    return rows.some((row) => row.event_id === eventId)
  })
})
