import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../homeserver/rooms/actions/actor.ts'
import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import { parsePdu } from '../../../protocol/events/parse-pdu.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { eventsToRelay } from '../../../storage/federation/events-to-relay.ts'
import { fromTemplate, joinAsPeer, listOf, makeTarget } from '../../test-support/peer-room.ts'
import { privateNetwork, type PrivateNetwork } from '../../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../../test-support/scripted-peer.ts'

const BOB = '@bob:there.test'

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

function sendTarget(endpoint: string, roomId: string, eventId: string, version = 'v2'): string {
  return `/_matrix/federation/${version}/${endpoint}/${encodeURIComponent(roomId)}/${encodeURIComponent(eventId)}`
}

async function make(endpoint: string, roomId: string, userId = BOB) {
  const made = await peer.request('GET', makeTarget(endpoint, roomId, userId))
  if (made.status !== 200) throw new Error(`${endpoint}: ${made.status} ${made.errcode}`)
  return fromTemplate(peer, made.body)
}

function say(roomId: string, type: string, content: JsonObject, stateKey = '') {
  return here.send(roomId, { type, stateKey, sender: alice.userId, content })
}

async function membershipOf(roomId: string, userId: string) {
  const { queries, interner } = here.actions.services
  return queries
    .selectFrom('membership')
    .selectAll()
    .where('room_nid', '=', (await interner.findRoomNid(roomId))!)
    .where('user_nid', '=', (await interner.findUserNid(userId))!)
    .executeTakeFirst()
}

describe('make_join', () => {
  it('gives a template without any signature', async () => {
    const roomId = await here.createRoom(alice)
    const made = await peer.request('GET', makeTarget('make_join', roomId, BOB))
    expect(made.body).toMatchObject({
      room_version: '12',
      event: { type: 'm.room.member', sender: BOB, state_key: BOB, room_id: roomId },
    })
    expect(Object.keys((made.body as { event: object }).event)).not.toContain('signatures')
  })

  it.each([
    ['a user of another server', 403, 'public_chat', '@alice:here.test'],
    ['what is no user id', 400, 'public_chat', 'bob'],
    ['a room that is by invitation', 403, 'private_chat', BOB],
    ['a room that is not known', 404, undefined, BOB],
  ] as const)('refuses %s', async (_, status, preset, userId) => {
    const roomId = preset ? await here.createRoom(alice, { preset }) : '!unknown:here.test'
    const answer = await peer.request('GET', makeTarget('make_join', roomId, userId))
    expect(answer.status).toBe(status)
  })

  it('refuses servers that do not know the version', async () => {
    const roomId = await here.createRoom(alice)
    const target = makeTarget('make_join', roomId, BOB).replace(/\?.*/, '?ver=1&ver=11')
    expect(await peer.request('GET', target)).toMatchObject({
      status: 400,
      errcode: 'M_INCOMPATIBLE_ROOM_VERSION',
    })
  })

  it('refuses servers that the access control list shuts out', async () => {
    const roomId = await here.createRoom(alice)
    await say(roomId, 'm.room.server_acl', { allow: ['*'], deny: ['there.test'] })
    expect(await peer.request('GET', makeTarget('make_join', roomId, BOB))).toMatchObject({ status: 403 })
  })
})

describe('send_join', () => {
  it('answers with the state before the join and its auth chain, and has the join relayed', async () => {
    const roomId = await here.createRoom(alice, { version: '11', name: 'A name' })
    const { event, version } = await make('make_join', roomId)
    const answer = await peer.request('PUT', sendTarget('send_join', roomId, event.eventId), event.pdu)
    const state = listOf(answer.body, 'state').map((pdu) => parsePdu(pdu, version))
    expect(state.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['m.room.create', 'm.room.name', 'm.room.power_levels']),
    )
    expect(state.some(({ stateKey }) => stateKey === BOB)).toBe(false)
    const chain = new Set(listOf(answer.body, 'auth_chain').map((pdu) => parsePdu(pdu, version).eventId))
    expect(state.every(({ authEvents }) => authEvents.every((id) => chain.has(id)))).toBe(true)
    expect(answer.body).toMatchObject({
      members_omitted: false,
      servers_in_room: ['here.test'],
      event: event.pdu,
    })
    const marked = await eventsToRelay(here.actions.services.queries, [event.eventId])
    expect(marked).toEqual(new Map([[event.eventId, 'there.test']]))
    const again = await peer.request('PUT', sendTarget('send_join', roomId, event.eventId), event.pdu)
    expect(again).toMatchObject({ status: 200 })
  })

  it('answers with a pair by the old endpoint', async () => {
    const roomId = await here.createRoom(alice, { version: '11' })
    const { event } = await make('make_join', roomId)
    const target = sendTarget('send_join', roomId, event.eventId, 'v1')
    const [status, answer] = (await peer.request('PUT', target, event.pdu)).body as [number, JsonObject]
    expect(status).toBe(200)
    expect(listOf(answer, 'state').length).toBeGreaterThan(3)
    expect(listOf(answer, 'auth_chain').length).toBeGreaterThan(1)
    expect(await membershipOf(roomId, BOB)).toMatchObject({ membership: 'join' })
  })

  it.each([
    ['of another room', { roomId: 'other' }],
    ['of another type', { type: 'm.room.message' }],
    ['with another membership', { content: { membership: 'leave' } }],
    ['of a user of another server', { sender: '@alice:here.test' }],
    ['of another user than its state key', { stateKey: '@carol:there.test' }],
  ] as const)('refuses an event %s', async (_, change) => {
    const roomId = await here.createRoom(alice)
    const other = await here.createRoom(alice)
    const { event, version } = await make('make_join', roomId)
    const changed = 'roomId' in change ? { roomId: other } : change
    const bad = buildPdu({ ...event, ...changed }, version, peer.server.ownKeys.signer)
    const answer = await peer.request('PUT', sendTarget('send_join', roomId, bad.eventId), bad.pdu)
    expect(answer).toMatchObject({ status: 400, errcode: 'M_INVALID_PARAM' })
    expect(await here.actions.services.events.byId(bad.eventId)).toBeUndefined()
  })

  it.each([
    [
      'signature',
      (pdu: JsonObject) => ({ ...pdu, signatures: { 'there.test': { 'ed25519:test': 'AAAA' } } }),
    ],
    ['content hash', (pdu: JsonObject) => ({ ...pdu, content: { membership: 'join', more: 1 } })],
  ])('refuses an event with a wrong %s', async (_, spoil) => {
    const roomId = await here.createRoom(alice)
    const { event } = await make('make_join', roomId)
    const answer = await peer.request('PUT', sendTarget('send_join', roomId, event.eventId), spoil(event.pdu))
    expect(answer).toMatchObject({ status: 400, errcode: 'M_INVALID_PARAM' })
  })

  it('refuses an id in the path that is not the event', async () => {
    const roomId = await here.createRoom(alice)
    const { event } = await make('make_join', roomId)
    const answer = await peer.request('PUT', sendTarget('send_join', roomId, `$${'x'.repeat(43)}`), event.pdu)
    expect(answer).toMatchObject({ status: 400, errcode: 'M_INVALID_PARAM' })
  })

  it('refuses who has been banned since', async () => {
    const roomId = await here.createRoom(alice)
    const { event } = await make('make_join', roomId)
    await say(roomId, 'm.room.member', { membership: 'ban' }, BOB)
    const answer = await peer.request('PUT', sendTarget('send_join', roomId, event.eventId), event.pdu)
    expect(answer).toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' })
    expect(await eventsToRelay(here.actions.services.queries, [event.eventId])).toEqual(new Map())
  })
})

describe('a restricted room', () => {
  async function restrictedRoom(allowed: string): Promise<string> {
    const roomId = await here.createRoom(alice, { version: '10', preset: 'private_chat' })
    const allow = [
      { type: 'm.room_membership', room_id: allowed },
      'nonsense',
      { type: 'm.room_membership', room_id: 7 },
    ]
    await say(roomId, 'm.room.join_rules', { join_rule: 'restricted', allow })
    return roomId
  }

  it('is joined from the allowed room in the name of a local user, whose server signs', async () => {
    const space = await here.createRoom(alice)
    const roomId = await restrictedRoom(space)
    expect(await peer.request('GET', makeTarget('make_join', roomId, BOB))).toMatchObject({ status: 403 })
    await joinAsPeer(peer, space, 'bob')
    const { event } = await make('make_join', roomId)
    expect(event.content).toEqual({ membership: 'join', join_authorised_via_users_server: alice.userId })
    const answer = await peer.request('PUT', sendTarget('send_join', roomId, event.eventId), event.pdu)
    const signed = ownValue(answer.body as JsonObject, 'event') as JsonObject
    expect(Object.keys(signed['signatures'] as JsonObject).toSorted()).toEqual(['here.test', 'there.test'])
  })

  it('is not joined by a forged authorisation, and nothing is signed', async () => {
    const space = await here.createRoom(alice)
    const roomId = await restrictedRoom(space)
    const bob = await joinAsPeer(peer, space, 'bob')
    const { event, version } = await make('make_join', roomId)
    await bob.next({ type: 'm.room.member', stateKey: BOB, content: { membership: 'leave' } })
    await peer.send({ pdus: [bob.newest.pdu] })
    const target = sendTarget('send_join', roomId, event.eventId)
    expect(await peer.request('PUT', target, event.pdu)).toMatchObject({
      status: 403,
      errcode: 'M_FORBIDDEN',
    })
    const content = { membership: 'join', join_authorised_via_users_server: '@dora:elsewhere.test' }
    const forged = buildPdu({ ...event, content }, version, peer.server.ownKeys.signer)
    const answer = await peer.request('PUT', sendTarget('send_join', roomId, forged.eventId), forged.pdu)
    expect(answer).toMatchObject({ status: 400, errcode: 'M_INVALID_PARAM' })
  })

  it('whose conditions this server cannot check is for another server to open', async () => {
    const roomId = await restrictedRoom('!unknown:elsewhere.test')
    const answer = await peer.request('GET', makeTarget('make_join', roomId, BOB))
    expect(answer).toMatchObject({ status: 400, errcode: 'M_UNABLE_TO_AUTHORISE_JOIN' })
  })
})

describe('leaving and knocking', () => {
  it('leaves by the handshake', async () => {
    const roomId = await here.createRoom(alice)
    await joinAsPeer(peer, roomId, 'bob')
    const { event } = await make('make_leave', roomId)
    const answer = await peer.request('PUT', sendTarget('send_leave', roomId, event.eventId), event.pdu)
    expect(answer).toEqual({ status: 200, body: {} })
    expect(await membershipOf(roomId, BOB)).toMatchObject({ membership: 'leave' })
  })

  it('leaves by the old endpoint', async () => {
    const roomId = await here.createRoom(alice)
    await joinAsPeer(peer, roomId, 'bob')
    const { event } = await make('make_leave', roomId)
    const target = sendTarget('send_leave', roomId, event.eventId, 'v1')
    expect((await peer.request('PUT', target, event.pdu)).body).toEqual([200, {}])
    expect(await membershipOf(roomId, BOB)).toMatchObject({ membership: 'leave' })
  })

  it('does not let leave who is not there', async () => {
    const roomId = await here.createRoom(alice)
    expect(await peer.request('GET', makeTarget('make_leave', roomId, BOB))).toMatchObject({ status: 403 })
  })

  it('knocks, and is shown signed events of the room', async () => {
    const roomId = await here.createRoom(alice, { preset: 'private_chat', name: 'Closed' })
    await say(roomId, 'm.room.join_rules', { join_rule: 'knock' })
    const { event, version } = await make('make_knock', roomId)
    const target = sendTarget('send_knock', roomId, event.eventId, 'v1')
    const answer = await peer.request('PUT', target, event.pdu)
    const shown = listOf(answer.body, 'knock_room_state').map((pdu) => parsePdu(pdu, version))
    expect(shown.map(({ type }) => type)).toEqual(expect.arrayContaining(['m.room.create', 'm.room.name']))
    expect(await membershipOf(roomId, BOB)).toMatchObject({ membership: 'knock' })
  })

  it('takes no knock where the room takes none', async () => {
    const roomId = await here.createRoom(alice)
    expect(await peer.request('GET', makeTarget('make_knock', roomId, BOB))).toMatchObject({ status: 403 })
  })
})
