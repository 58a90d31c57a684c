import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../homeserver/rooms/actions/actor.ts'
import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import { NO_ROOM, ACCOUNT_DATA } from '../../../storage/accounts/account-data-write.ts'
import { joinAsPeer, PeerRoom } from '../../test-support/peer-room.ts'
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

let rooms = 0

/** A room of the peer's own. */
function peerRoom(versionId: string): PeerRoom {
  const version = roomVersion(versionId)!
  const signer = peer.server.ownKeys.signer
  const create = buildPdu(
    {
      type: 'm.room.create',
      stateKey: '',
      sender: BOB,
      content: { room_version: versionId, creator: BOB, number: ++rooms },
      originServerTs: Date.now(),
      depth: 1,
      prevEvents: [],
      authEvents: [],
      ...(version.roomIdIsCreateHash ? {} : { roomId: `!${rooms}:there.test` }),
    },
    version,
    signer,
  )
  const room = new PeerRoom(signer, BOB, version, create)
  room.learn(create)
  room.next({ type: 'm.room.member', stateKey: BOB, content: { membership: 'join' } })
  return room
}

function inviteOf(
  room: PeerRoom,
  change: { target?: string; type?: string; membership?: string } = {},
): RoomEvent {
  return room.build({
    type: change.type ?? 'm.room.member',
    stateKey: change.target ?? alice.userId,
    content: { membership: change.membership ?? 'invite' },
  })
}

function invite(room: PeerRoom, event: RoomEvent, state?: JsonValue[], path = event.eventId) {
  const target = `/_matrix/federation/v2/invite/${encodeURIComponent(room.roomId)}/${encodeURIComponent(path)}`
  return peer.request('PUT', target, {
    room_version: room.version.id,
    event: event.pdu,
    invite_room_state: state ?? Array.from(room.state.values(), ({ pdu }) => pdu),
  })
}

async function membershipOf(roomId: string) {
  const { queries, interner } = here.actions.services
  const roomNid = await interner.findRoomNid(roomId)
  if (roomNid === undefined) return undefined
  return queries
    .selectFrom('membership')
    .selectAll()
    .where('room_nid', '=', roomNid)
    .where('user_nid', '=', alice.userNid)
    .executeTakeFirst()
}

function signersOf(answer: JsonValue): string[] {
  const event = ownValue(answer as JsonObject, 'event') as JsonObject
  return Object.keys(event['signatures'] as JsonObject).toSorted()
}

describe.each(['1', '9', '10', '11', '12'])('an invite to a room of version %s', (version) => {
  it('reaches the user and comes back with both signatures', async () => {
    const room = peerRoom(version)
    const answer = await invite(room, inviteOf(room))
    expect(signersOf(answer.body)).toEqual(['here.test', 'there.test'])
    const row = await membershipOf(room.roomId)
    expect(row).toMatchObject({ membership: 'invite', outside: true })
    const shown = JSON.parse(row!.stripped_state!.toString()) as { type: string }[]
    expect(shown.map(({ type }) => type)).toContain('m.room.create')
  })

  it('is taken back by its server, and by no other', async () => {
    const room = peerRoom(version)
    const event = inviteOf(room)
    await invite(room, event)
    room.learn(event)
    const leave = { type: 'm.room.member', stateKey: alice.userId, content: { membership: 'leave' } }
    const third = await scriptedPeer(network, `third${version}.test`, 'here.test')
    const signer = third.server.ownKeys.signer
    const stranger = new PeerRoom(signer, `@eve:third${version}.test`, room.version, room.newest)
    await third.send({ pdus: [stranger.build(leave).pdu] })
    expect(await membershipOf(room.roomId)).toMatchObject({ membership: 'invite' })
    await third.server.close()
    await peer.send({ pdus: [room.build(leave).pdu] })
    expect(await membershipOf(room.roomId)).toMatchObject({ membership: 'leave', outside: true })
  })
})

describe('the old endpoint', () => {
  it('serves rooms of version 1', async () => {
    const room = peerRoom('1')
    const event = inviteOf(room)
    const target = `/_matrix/federation/v1/invite/${encodeURIComponent(room.roomId)}/${encodeURIComponent(event.eventId)}`
    const unsigned = {
      invite_room_state: [{ type: 'm.room.name', state_key: '', sender: BOB, content: { name: 'N' } }],
    }
    const answer = await peer.request('PUT', target, { ...event.pdu, unsigned })
    const [status, body] = answer.body as [number, JsonObject]
    expect(status).toBe(200)
    expect(signersOf(body)).toEqual(['here.test', 'there.test'])
    const row = await membershipOf(room.roomId)
    expect(JSON.parse(row!.stripped_state!.toString())).toEqual(unsigned.invite_room_state)
  })
})

describe('nothing is signed or stored', () => {
  it.each([
    ['of another type', { type: 'm.room.topic' }, 400],
    ['of another membership', { membership: 'join' }, 400],
    ['for a user of another server', { target: '@carol:there.test' }, 400],
    ['for a user who does not exist', { target: '@nobody:here.test' }, 404],
  ] as const)('for an event %s', async (_, change, status) => {
    const room = peerRoom('12')
    expect(await invite(room, inviteOf(room, change))).toMatchObject({ status })
    expect(await membershipOf(room.roomId)).toBeUndefined()
  })

  it('for another event than the path names, or of another sender, or with a wrong signature', async () => {
    const room = peerRoom('12')
    const event = inviteOf(room)
    expect(await invite(room, event, undefined, `$${'x'.repeat(43)}`)).toMatchObject({ status: 400 })
    const forged = {
      ...event,
      pdu: { ...event.pdu, signatures: { 'there.test': { 'ed25519:test': 'AAAA' } } },
    }
    expect(await invite(room, forged)).toMatchObject({ status: 400 })
    const foreign = new PeerRoom(peer.server.ownKeys.signer, '@eve:elsewhere.test', room.version, room.newest)
    expect(await invite(foreign, inviteOf(foreign), [])).toMatchObject({ status: 400 })
    expect(await membershipOf(room.roomId)).toBeUndefined()
  })

  it('for a room of version 12 whose shown state is not proven', async () => {
    const room = peerRoom('12')
    const other = peerRoom('12')
    const create = [...room.state.values()][0]!
    const bad: JsonValue[][] = [
      [],
      [...other.state.values()].map(({ pdu }) => pdu),
      [{ ...create.pdu, signatures: {} }],
    ]
    for (const state of bad) expect(await invite(room, inviteOf(room), state)).toMatchObject({ status: 400 })
    expect(await membershipOf(room.roomId)).toBeUndefined()
  })

  it('for a version that is not known', async () => {
    const room = peerRoom('12')
    const event = inviteOf(room)
    const target = `/_matrix/federation/v2/invite/${encodeURIComponent(room.roomId)}/${event.eventId}`
    const answer = await peer.request('PUT', target, {
      room_version: '99',
      event: event.pdu,
      invite_room_state: [],
    })
    expect(answer).toMatchObject({ status: 400, errcode: 'M_INCOMPATIBLE_ROOM_VERSION' })
  })

  it('for a user who takes no invites', async () => {
    const carol = await here.user('carol')
    await here.actions.services.committer.submit(ACCOUNT_DATA, {
      userNid: carol.userNid,
      roomNid: NO_ROOM,
      type: 'm.invite_permission_config',
      content: JSON.stringify({ default_action: 'block' }),
    })
    const room = peerRoom('12')
    const answer = await invite(room, inviteOf(room, { target: carol.userId }))
    expect(answer).toMatchObject({ status: 403, errcode: 'M_INVITE_BLOCKED' })
  })
})

describe('an invite to a room that this server is in', () => {
  it('takes its place in the room at once', async () => {
    const dora = await here.user('dora')
    const roomId = await here.createRoom(alice, { powerLevelOverride: { invite: 0 } })
    const room = await joinAsPeer(peer, roomId, 'bob')
    const event = inviteOf(room, { target: dora.userId })
    expect(signersOf((await invite(room, event)).body)).toEqual(['here.test', 'there.test'])
    expect(await here.actions.services.events.byId(event.eventId)).toMatchObject({ verdict: 'accepted' })
  })
})
