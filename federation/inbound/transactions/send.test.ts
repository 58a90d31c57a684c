import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOM_VERSIONS } from '../../../protocol/room-versions/room-versions.ts'
import type { Actor } from '../../../homeserver/rooms/actions/actor.ts'
import { joinAsPeer } from '../../test-support/peer-room.ts'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../../test-support/scripted-peer.ts'

let network: PrivateNetwork
let here: ResidentServer
let peer: ScriptedPeer
let alice: Actor

beforeAll(async () => {
  network = await privateNetwork()
  here = await residentServer(network, 'here.test')
  peer = await scriptedPeer(network, 'there.test', 'here.test')
  alice = await here.user('alice')
})
afterAll(async () => {
  await peer.server.close()
  await here.close()
  await network.close()
})

async function stored(eventId: string) {
  return here.actions.services.events.byId(eventId)
}

describe.each([...ROOM_VERSIONS.keys()])('a room of version %s', (version) => {
  it('is joined by the handshake, and takes events of its members', async () => {
    const roomId = await here.createRoom(alice, { version })
    const room = await joinAsPeer(peer, roomId, 'bob')
    const events = [room.next({}), room.next({ type: 'm.room.topic', stateKey: 'no' }), room.next({})]
    const results = await peer.send({ pdus: events.map(({ pdu }) => pdu) })
    expect(results[events[0]!.eventId]).toEqual({})
    expect(results[events[1]!.eventId]).toEqual({ error: expect.any(String) })
    expect(results[events[2]!.eventId]).toEqual({})
    expect(await stored(events[0]!.eventId)).toMatchObject({ verdict: 'accepted' })
    expect((await stored(events[0]!.eventId))?.streamPos).toBeDefined()
    expect(await stored(events[1]!.eventId)).toMatchObject({ verdict: 'rejected' })
  })
})

describe('a transaction', () => {
  it('that is repeated has the same answer and happens once', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const event = room.next({ type: 'm.room.topic', stateKey: '' })
    const first = await peer.send({ pdus: [event.pdu] }, 'same')
    const second = await peer.send({ pdus: [] }, 'same')
    expect(second).toEqual(first)
    expect(first[event.eventId]).toEqual({ error: expect.any(String) })
  })

  it('lets a bad event fail alone', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const good = room.build({})
    const unsigned = room.build({ content: { body: 'unsigned' } })
    const tampered = { ...room.build({ content: { body: 'kept' } }).pdu, depth: 12_345 }
    const float = { ...room.build({}).pdu, depth: 1.5 }
    const results = await peer.send({
      pdus: [{ ...unsigned.pdu, signatures: {} }, tampered, float, 17, { room_id: roomId }, good.pdu],
    })
    expect(results[good.eventId]).toEqual({})
    expect(results[unsigned.eventId]).toEqual({ error: expect.any(String) })
    expect(await stored(unsigned.eventId)).toBeUndefined()
  })

  it('keeps the redacted form of an event whose content hash is wrong', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const event = room.build({ content: { body: 'as signed' } })
    const results = await peer.send({ pdus: [{ ...event.pdu, content: { body: 'changed on the way' } }] })
    expect(results[event.eventId]).toEqual({})
    expect((await stored(event.eventId))?.event.content).toEqual({})
  })

  it('is refused when it is too long or its lists are none', async () => {
    const target = '/_matrix/federation/v1/send/refused'
    const pdus = Array.from({ length: 51 }, () => ({}))
    expect(await peer.request('PUT', target, { pdus })).toMatchObject({ status: 400 })
    expect(await peer.request('PUT', target, { pdus: 'none' })).toMatchObject({ status: 400 })
    expect(await peer.request('PUT', target, { pdus: [], edus: Array(101).fill({}) })).toMatchObject({
      status: 400,
    })
  })

  it('does not reach a room whose access control list shuts the server out', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    await here.send(roomId, {
      type: 'm.room.server_acl',
      stateKey: '',
      sender: alice.userId,
      content: { allow: ['*'], deny: ['THERE.*'] },
    })
    const event = room.next({})
    const typing = { edu_type: 'm.typing', content: { room_id: roomId, user_id: room.userId, typing: true } }
    expect(await peer.send({ pdus: [event.pdu], edus: [typing] })).toEqual({
      [event.eventId]: { error: expect.any(String) },
    })
    expect(await stored(event.eventId)).toBeUndefined()
    expect(here.ephemeral.typingIn(roomId)).toEqual([])
  })

  it('takes no events of rooms that this server is not in, nor ones without causes', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const rootless = room.build({ prevEvents: [] })
    const strange = { ...room.build({}).pdu, room_id: '!strange:there.test' }
    const results = await peer.send({ pdus: [rootless.pdu, strange] })
    expect(results).toEqual({ [rootless.eventId]: { error: expect.any(String) } })
  })
})

describe('ephemeral messages', () => {
  it('tell who types, of the users of the server that says so', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const typing = (user_id: string, typing = true) => ({
      edu_type: 'm.typing',
      content: { room_id: roomId, user_id, typing },
    })
    await peer.send({ edus: [typing(alice.userId), typing('@nobody:there.test'), typing(room.userId), 'x'] })
    expect(here.ephemeral.typingIn(roomId)).toEqual([room.userId])
    await peer.send({ edus: [typing(room.userId, false)] })
    expect(here.ephemeral.typingIn(roomId)).toEqual([])
  })

  it('carry the receipts of the users of the server that says so', async () => {
    const roomId = await here.createRoom(alice)
    const room = await joinAsPeer(peer, roomId, 'bob')
    const receipt = { event_ids: [room.newest.eventId], data: { ts: 1_700_000_000_000 } }
    const ofRoom = { 'm.read': { [room.userId]: receipt, [alice.userId]: receipt } }
    await peer.send({ edus: [{ edu_type: 'm.receipt', content: { [roomId]: ofRoom } }] })
    const { queries, interner } = here.actions.services
    const roomNid = (await interner.findRoomNid(roomId))!
    const rows = await queries.selectFrom('receipt').selectAll().where('room_nid', '=', roomNid).execute()
    const bob = await interner.findUserNid(room.userId)
    expect(rows).toMatchObject([{ user_nid: bob, event_id: room.newest.eventId, receipt_type: 'm.read' }])
  })
})
