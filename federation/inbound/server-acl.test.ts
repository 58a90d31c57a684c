import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import { newestState } from '../../homeserver/rooms/actions/state-at.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { receiptOf } from '../../storage/rooms/receipt-write.ts'
import { joinAsPeer, type PeerRoom } from '../test-support/peer-room.ts'
import { privateNetwork, type PrivateNetwork } from '../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../test-support/scripted-peer.ts'

const id = encodeURIComponent
const BOB = '@bob:there.test'
const CAROL = '@carol:there.test'

let network: PrivateNetwork
let here: ResidentServer
let peer: ScriptedPeer
let alice: Actor
let roomId: string
let room: PeerRoom
let said: string

beforeAll(async () => {
  network = await privateNetwork()
  here = await residentServer(network, 'here.test')
  peer = await scriptedPeer(network, 'there.test', 'here.test')
  alice = await here.user('alice')
  roomId = await here.createRoom(alice, { version: '11' })
  room = await joinAsPeer(peer, roomId, 'bob')
  said = await here.send(roomId, { type: 'm.room.message', sender: alice.userId, content: { body: 'hi' } })
  await setAcl({ allow: ['*'], deny: ['there.test'], allow_ip_literals: true })
})
afterAll(async () => {
  await peer.server.close()
  await here.close()
  await network.close()
})

function setAcl(content: JsonObject): Promise<string> {
  return here.send(roomId, { type: 'm.room.server_acl', stateKey: '', sender: alice.userId, content })
}

const member = (membership: string, userId = BOB) =>
  room.build({ type: 'm.room.member', stateKey: userId, sender: userId, content: { membership } })

/** Every endpoint that has to be closed to such a server (server-server API, "Server Access Control Lists"). */
function requests(): (readonly ['GET' | 'PUT' | 'POST', string, JsonObject?])[] {
  const v1 = '/_matrix/federation/v1'
  const v2 = '/_matrix/federation/v2'
  const inRoom = (event: { eventId: string }) => `${id(roomId)}/${id(event.eventId)}`
  const [join, leave, knock] = [member('join', CAROL), member('leave'), member('knock', CAROL)]
  const invite = room.build({
    type: 'm.room.member',
    stateKey: alice.userId,
    content: { membership: 'invite' },
  })
  const invited = { event: invite.pdu, room_version: '11', invite_room_state: [] }
  const proof = { membership: 'invite', third_party_invite: { display_name: 'x', signed: { token: 't' } } }
  const exchange = {
    type: 'm.room.member',
    room_id: roomId,
    sender: alice.userId,
    state_key: BOB,
    content: proof,
  }
  return [
    ['GET', `${v1}/make_join/${id(roomId)}/${id(CAROL)}?ver=11`],
    ['GET', `${v1}/make_leave/${id(roomId)}/${id(BOB)}`],
    ['GET', `${v1}/make_knock/${id(roomId)}/${id(CAROL)}?ver=11`],
    ['PUT', `${v1}/send_join/${inRoom(join)}`, join.pdu],
    ['PUT', `${v2}/send_join/${inRoom(join)}`, join.pdu],
    ['PUT', `${v1}/send_leave/${inRoom(leave)}`, leave.pdu],
    ['PUT', `${v2}/send_leave/${inRoom(leave)}`, leave.pdu],
    ['PUT', `${v1}/send_knock/${inRoom(knock)}`, knock.pdu],
    ['PUT', `${v2}/invite/${inRoom(invite)}`, invited],
    ['PUT', `${v1}/exchange_third_party_invite/${id(roomId)}`, exchange],
    ['GET', `${v1}/state/${id(roomId)}?event_id=${id(said)}`],
    ['GET', `${v1}/state_ids/${id(roomId)}?event_id=${id(said)}`],
    ['GET', `${v1}/backfill/${id(roomId)}?v=${id(said)}&limit=10`],
    ['GET', `${v1}/event_auth/${id(roomId)}/${id(said)}`],
    ['GET', `${v1}/timestamp_to_event/${id(roomId)}?ts=1&dir=f`],
    [
      'POST',
      `${v1}/get_missing_events/${id(roomId)}`,
      { earliest_events: [], latest_events: [said], limit: 10, min_depth: 0 },
    ],
  ]
}

it('a server that the list shuts out is refused by every endpoint of the room', async () => {
  for (const [method, target, body] of requests()) {
    const answer = await peer.request(method, target, body)
    expect(answer, target).toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' })
  }
})

it('its events are refused one by one, and what it says of the room beside them is not heard', async () => {
  const other = await here.createRoom(alice, { version: '11' })
  const elsewhere = await joinAsPeer(peer, other, 'bob')
  const [closed, open] = [room.build({}), elsewhere.build({})]
  const heard: string[] = []
  here.actions.services.committer.onCommit((writes) => {
    for (const write of writes) {
      const receipt = receiptOf(write)
      if (receipt) heard.push(receipt.eventId)
    }
  })
  const openly = await here.send(other, {
    type: 'm.room.message',
    sender: alice.userId,
    content: { body: 'hello' },
  })
  const receiptFor = (eventId: string) => ({
    'm.read': { [BOB]: { event_ids: [eventId], data: { ts: 1 } } },
  })
  const results = await peer.send({
    pdus: [closed.pdu, open.pdu],
    edus: [
      { edu_type: 'm.typing', content: { room_id: roomId, user_id: BOB, typing: true } },
      { edu_type: 'm.receipt', content: { [roomId]: receiptFor(said), [other]: receiptFor(openly) } },
    ],
  })
  expect(results).toEqual({ [closed.eventId]: { error: expect.any(String) as string }, [open.eventId]: {} })
  expect(here.ephemeral.typingIn(roomId)).toEqual([])
  expect(heard).toEqual([openly])
  expect(await here.actions.services.events.byId(closed.eventId)).toBeUndefined()
})

it('and all is open again when the list no longer names it', async () => {
  await setAcl({ allow: ['*'], deny: ['*.elsewhere.test'] })
  const made = await peer.request('GET', `/_matrix/federation/v1/make_join/${id(roomId)}/${id(CAROL)}?ver=11`)
  expect(made.status).toBe(200)
  const again = room.next({})
  expect(await peer.send({ pdus: [again.pdu] })).toEqual({ [again.eventId]: {} })
  const state = await newestState((await here.actions.writer.open(roomId))!, [['m.room.server_acl']])
  expect(state('m.room.server_acl')?.content).toMatchObject({ deny: ['*.elsewhere.test'] })
})
