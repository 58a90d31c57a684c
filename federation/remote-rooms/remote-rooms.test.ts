import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import { inviteUser } from '../../homeserver/rooms/actions/invite-user.ts'
import { knockOnRoom } from '../../homeserver/rooms/actions/knock-on-room.ts'
import { leaveRoom } from '../../homeserver/rooms/actions/leave-room.ts'
import { stateTuple } from '../../protocol/state/state-map.ts'
import { ROOM_VERSIONS } from '../../protocol/room-versions/room-versions.ts'
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
  alice = await there.resident.user('alice')
  bob = await here.resident.user('bob')
})
afterAll(async () => {
  await here.close()
  await there.close()
  await network.close()
})

async function membershipOf(server: FederatingServer, roomId: string, userId: string) {
  const room = await server.actions.writer.open(roomId)
  const state = await room?.stateEvents(room.head.root, [{ type: 'm.room.member', stateKey: userId }])
  return state?.get(stateTuple('m.room.member', userId))?.event.content['membership']
}

async function stateIds(server: FederatingServer, roomId: string): Promise<string[]> {
  const room = (await server.actions.writer.open(roomId))!
  const entries = await server.actions.services.trie.entries(room.head.roomNid, room.head.root)
  const events = await room.eventsByNid(entries.map(({ eventNid }) => eventNid))
  return [...events.values()].map(({ event }) => event.eventId).toSorted()
}

describe.each([...ROOM_VERSIONS.keys()])('a room of version %s', (version) => {
  test('is joined through its server, spoken in, and its past is fetched', async () => {
    const roomId = await there.resident.createRoom(alice, { version, name: 'Old room' })
    const past = Array.from({ length: 30 }, (_, index) => `past ${index}`)
    for (const text of past) await there.say(roomId, alice, text)
    await here.joinThrough(bob, roomId, 'gone.test', 'there.test')
    expect(await stateIds(here, roomId)).toEqual(await stateIds(there, roomId))

    await there.say(roomId, alice, 'welcome')
    await eventually('the message', async () => (await here.messages(roomId)).includes('welcome'))
    await here.say(roomId, bob, 'thanks')
    await eventually('the answer', async () => (await there.messages(roomId)).includes('thanks'))

    const join = (await here.actions.writer.open(roomId))!.head.roomNid
    const missing = async () =>
      (
        await here.actions.services.queries
          .selectFrom('backward_extremity')
          .select('missing_event_id')
          .where('room_nid', '=', join)
          .execute()
      ).map((row) => row.missing_event_id)
    expect(await here.remote.backfill(roomId, await missing(), 10)).toBe(10)
    expect(await here.messages(roomId)).toEqual([...past.slice(20), 'welcome', 'thanks'])
    for (let from = await missing(); from.length > 0; from = await missing()) {
      expect(await here.remote.backfill(roomId, from, 10)).toBeGreaterThan(0)
    }
    expect(await here.messages(roomId)).toEqual([...past, 'welcome', 'thanks'])
    expect(await here.remote.backfill(roomId, await missing(), 10)).toBe(0)
    expect(await stateIds(here, roomId)).toEqual(await stateIds(there, roomId))
  })
})

test('history that cannot be had is not asked for again at once, and is when the pause is over', async () => {
  const roomId = await there.resident.createRoom(alice)
  await there.say(roomId, alice, 'past')
  await here.joinThrough(bob, roomId, 'there.test')
  const { queries, interner } = here.actions.services
  const roomNid = (await interner.findRoomNid(roomId))!
  const [hole] = await queries
    .selectFrom('backward_extremity')
    .select('missing_event_id')
    .where('room_nid', '=', roomNid)
    .execute()
  const from = [hole!.missing_event_id]
  await here.federation.backoff.failed('there.test', Date.now())
  expect(await here.remote.backfill(roomId, from, 10)).toBe(0)
  await here.federation.backoff.heardFrom('there.test')
  expect(await here.remote.backfill(roomId, from, 10)).toBe(0)
  await queries.updateTable('failed_pull').set({ retry_ts: Date.now() }).execute()
  expect(await here.remote.backfill(roomId, from, 10)).toBeGreaterThan(0)
  expect(
    await queries.selectFrom('failed_pull').selectAll().where('room_nid', '=', roomNid).execute(),
  ).toEqual([])
})

test('an invite is signed by both servers, accepted or turned down', async () => {
  const roomId = await there.resident.createRoom(alice, { preset: 'private_chat' })
  const carol = await here.resident.user('carol')
  await expect(here.joinThrough(bob, roomId, 'there.test')).rejects.toMatchObject({ errcode: 'M_FORBIDDEN' })
  for (const { userId } of [bob, carol])
    await inviteUser(there.actions, alice, { roomId, userId, content: {} })
  const room = (await there.actions.writer.open(roomId))!
  const [invite] = (
    await room.stateEvents(room.head.root, [{ type: 'm.room.member', stateKey: bob.userId }])
  ).values()
  expect(Object.keys(invite!.event.pdu['signatures']!).toSorted()).toEqual(['here.test', 'there.test'])

  await here.joinThrough(bob, roomId, 'there.test')
  expect(await membershipOf(there, roomId, bob.userId)).toBe('join')
  await leaveRoom(here.actions, carol, { roomId, reason: undefined })
  await eventually('the refusal', async () => (await membershipOf(there, roomId, carol.userId)) === 'leave')
})

test('a knock is taken by the server of the room', async () => {
  const joinRules = { type: 'm.room.join_rules', stateKey: '', content: { join_rule: 'knock' } }
  const roomId = await there.resident.createRoom(alice, { preset: 'private_chat', initialState: [joinRules] })
  await knockOnRoom(here.actions, bob, { roomId, servers: ['there.test'], content: { reason: 'please' } })
  expect(await membershipOf(there, roomId, bob.userId)).toBe('knock')
})

test('failures are told in our own words', async () => {
  const join = (roomId: string, ...servers: string[]) => here.joinThrough(bob, roomId, ...servers)
  await expect(join('!nowhere:there.test', 'there.test')).rejects.toMatchObject({
    status: 404,
    errcode: 'M_NOT_FOUND',
  })
  await expect(join('!nowhere:gone.test', 'gone.test')).rejects.toMatchObject({
    status: 502,
    errcode: 'M_UNKNOWN',
  })
  expect(await here.remote.resolveAlias('#none:there.test')).toBeUndefined()
  await expect(here.remote.resolveAlias('#none:gone.test')).rejects.toMatchObject({ status: 502 })
  expect(await here.remote.profile('@nobody:there.test')).toBeUndefined()
})
