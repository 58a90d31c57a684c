import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { submitDraft } from '../../homeserver/rooms/actions/submit-draft.ts'
import { inviteUser } from '../../homeserver/rooms/actions/invite-user.ts'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import { createSeed, createSigningKey, signText } from '../../protocol/crypto/ed25519.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { referenceJson } from '../../protocol/events/event-id.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { POLICY_KEY_ID } from '../../protocol/policy-servers/policy-server.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { federatingServer, type FederatingServer } from '../test-support/federating-server.ts'
import { joinAsPeer, makeTarget, fromTemplate, type PeerRoom } from '../test-support/peer-room.ts'
import { privateNetwork, type PrivateNetwork } from '../test-support/private-network.ts'
import { residentServer, type ResidentServer } from '../test-support/resident-server.ts'
import { scriptedPeer, type ScriptedPeer } from '../test-support/scripted-peer.ts'

const VERSION = roomVersion('11')!
const key = createSigningKey(createSeed(), 'policy')
const otherKey = createSigningKey(createSeed(), 'other')

let network: PrivateNetwork
let here: FederatingServer
let policy: ScriptedPeer
let peer: ScriptedPeer
let own: ResidentServer
let alice: Actor

const signed = (pdu: JsonObject, by = key): JsonObject => ({
  'policy.test': { [POLICY_KEY_ID]: signText(referenceJson(pdu, VERSION), by.privateKey) },
})

beforeAll(async () => {
  network = await privateNetwork()
  here = await federatingServer(network, 'here.test')
  policy = await scriptedPeer(network, 'policy.test', 'here.test')
  peer = await scriptedPeer(network, 'there.test', 'here.test')
  own = await residentServer(
    network,
    'own.test',
    'policy_server: { denied_texts: [casino], denied_users: ["@spam*"] }\n',
  )
  alice = await here.resident.user('alice')
})
afterAll(async () => {
  await peer.server.close()
  await policy.server.close()
  await own.close()
  await here.close()
  await network.close()
})
beforeEach(() => {
  policy.asked.length = 0
  policy.answers.signByPolicy = async (request) => signed(await request.object())
})

/** A room whose policy server is the scripted one, with users of three servers. */
async function guardedRoom(publicKey = key.publicKeyBase64): Promise<{ roomId: string; room: PeerRoom }> {
  const roomId = await here.resident.createRoom(alice, { version: '11' })
  await joinAsPeer(policy, roomId, 'guard')
  await submitDraft(here.actions, roomId, {
    type: 'm.room.policy',
    stateKey: '',
    sender: alice.userId,
    content: { via: 'policy.test', public_keys: { ed25519: publicKey } },
  })
  return { roomId, room: await joinAsPeer(peer, roomId, 'bob') }
}

const say = (roomId: string, body: string) =>
  submitDraft(here.actions, roomId, { type: 'm.room.message', sender: alice.userId, content: { body } })
const stored = (eventId: string) => here.actions.services.events.byId(eventId)

function withSignature(event: RoomEvent, by = key): JsonObject {
  return {
    ...event.pdu,
    signatures: { ...(event.pdu['signatures'] as JsonObject), ...signed(event.pdu, by) },
  }
}

describe('events of this server in a room with a policy server', () => {
  it('are signed by it before anybody gets them', async () => {
    const { roomId } = await guardedRoom()
    const eventId = await say(roomId, 'hello')
    const event = await stored(eventId)
    expect(event).toMatchObject({ verdict: 'accepted' })
    expect(event!.event.pdu['signatures']).toMatchObject(signed(event!.event.pdu))
    expect(policy.asked).toContain('signByPolicy')
  })

  it('are not sent when it refuses, and the sender is told its words', async () => {
    const { roomId } = await guardedRoom()
    policy.answers.signByPolicy = () => {
      throw new MatrixError(400, 'M_FORBIDDEN', 'This looks like spam')
    }
    const messages = await here.messages(roomId)
    await expect(say(roomId, 'buy this')).rejects.toMatchObject({
      status: 400,
      errcode: 'M_FORBIDDEN',
      message: 'This looks like spam',
    })
    expect(await here.messages(roomId)).toEqual(messages)
    const invite = { roomId, userId: '@carol:here.test', content: {} }
    await expect(inviteUser(here.actions, alice, invite)).rejects.toMatchObject({
      message: 'This looks like spam',
    })
  })

  it.each([
    ['an error that would log the user out', new MatrixError(401, 'M_UNKNOWN_TOKEN', 'Log in again'), 502],
    ['a failure of its own', new MatrixError(500, 'M_UNKNOWN', 'broken'), 502],
    ['too many requests', new MatrixError(429, 'M_LIMIT_EXCEEDED', 'slowly'), 429],
  ])('are not sent on %s', async (_, error, status) => {
    const { roomId } = await guardedRoom()
    policy.answers.signByPolicy = () => {
      throw error
    }
    await expect(say(roomId, 'hello')).rejects.toMatchObject({ status })
    await expect(say(roomId, 'hello')).rejects.not.toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' })
  })

  it('are not sent with a signature by another key than the room names', async () => {
    const { roomId } = await guardedRoom()
    policy.answers.signByPolicy = async (request) => signed(await request.object(), otherKey)
    await expect(say(roomId, 'hello')).rejects.toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' })
  })

  it('may always take the policy server away, and then need no signature', async () => {
    const { roomId } = await guardedRoom()
    policy.asked.length = 0
    const empty = { type: 'm.room.policy', stateKey: '', sender: alice.userId, content: {} }
    await submitDraft(here.actions, roomId, empty)
    await say(roomId, 'free')
    expect(policy.asked).toEqual([])
  })

  it('need no signature of a server that has no user in the room, or of a policy that is not valid', async () => {
    const roomId = await here.resident.createRoom(alice, { version: '11' })
    const contents: JsonObject[] = [
      { via: 'policy.test', public_keys: { ed25519: key.publicKeyBase64 } },
      { via: 'here.test', public_keys: {} },
      { via: 17, public_keys: { ed25519: 'x' } },
    ]
    for (const content of contents) {
      await submitDraft(here.actions, roomId, {
        type: 'm.room.policy',
        stateKey: '',
        sender: alice.userId,
        content,
      })
      await say(roomId, 'hello')
    }
    expect(policy.asked).toEqual([])
  })

  it('happen once for a request that is repeated', async () => {
    const { roomId } = await guardedRoom()
    const request = {
      userNid: alice.userNid,
      deviceId: 'PHONE',
      requestHash: 'ab'.repeat(32),
      transactionId: 't',
    }
    const draft = { type: 'm.room.message', sender: alice.userId, content: { body: 'once' } }
    const first = await submitDraft(here.actions, roomId, draft, request)
    expect(await submitDraft(here.actions, roomId, draft, request)).toBe(first)
    expect(await here.messages(roomId)).toEqual(['once'])
  })

  it('cannot be sent to a room whose key is none', async () => {
    const { roomId } = await guardedRoom(key.publicKeyBase64)
    const content = { via: 'policy.test', public_keys: { ed25519: 'no key' } }
    await submitDraft(here.actions, roomId, {
      type: 'm.room.policy',
      stateKey: '',
      sender: alice.userId,
      content,
    })
    await expect(say(roomId, 'hello')).rejects.toMatchObject({ status: 403 })
  })
})

describe('events of other servers in a room with a policy server', () => {
  it('are taken with its signature, without asking it', async () => {
    const { room } = await guardedRoom()
    policy.asked.length = 0
    const event = room.next({})
    expect(await peer.send({ pdus: [withSignature(event)] })).toEqual({ [event.eventId]: {} })
    expect(await stored(event.eventId)).toMatchObject({ verdict: 'accepted' })
    expect(policy.asked).toEqual([])
  })

  it.each([
    ['without its signature', (event: RoomEvent) => event.pdu],
    ['with a signature by an older key', (event: RoomEvent) => withSignature(event, otherKey)],
  ])('%s get it here, and are passed on with it', async (_, pduOf) => {
    const { room } = await guardedRoom()
    const event = room.next({})
    await peer.send({ pdus: [pduOf(event)] })
    const taken = await stored(event.eventId)
    expect(taken).toMatchObject({ verdict: 'accepted' })
    expect(taken!.event.pdu['signatures']).toMatchObject(signed(event.pdu))
  })

  it('that it refuses are soft-failed, state among them', async () => {
    const { roomId, room } = await guardedRoom()
    policy.answers.signByPolicy = () => {
      throw new MatrixError(400, 'M_FORBIDDEN', 'No')
    }
    const message = room.next({})
    const profile = { membership: 'join', displayname: 'Bob' }
    const member = room.build({ type: 'm.room.member', stateKey: room.userId, content: profile })
    await peer.send({ pdus: [message.pdu, member.pdu] })
    expect(await stored(message.eventId)).toMatchObject({ verdict: 'soft-failed' })
    expect(await stored(member.eventId)).toMatchObject({ verdict: 'soft-failed' })
    const open = (await here.actions.writer.open(roomId))!
    const place = { type: 'm.room.member', stateKey: room.userId }
    const [current] = (await open.stateEvents(open.head.root, [place])).values()
    expect(current!.event.eventId).not.toBe(member.eventId)
  })

  it('that it refuses do not get in by send_join either', async () => {
    const { roomId } = await guardedRoom()
    policy.answers.signByPolicy = () => {
      throw new MatrixError(400, 'M_FORBIDDEN', 'You are not welcome')
    }
    const userId = '@mallory:there.test'
    const made = await peer.request('GET', makeTarget('make_join', roomId, userId))
    const { event } = fromTemplate(peer, made.body)
    const path = `${encodeURIComponent(roomId)}/${encodeURIComponent(event.eventId)}`
    const sent = await peer.request('PUT', `/_matrix/federation/v2/send_join/${path}`, event.pdu)
    expect(sent).toMatchObject({ status: 400, errcode: 'M_FORBIDDEN' })
    expect(await stored(event.eventId)).toBeUndefined()
  })
})

describe('this server as a policy server', () => {
  const sign = (asker: ScriptedPeer, pdu: JsonObject) =>
    asker.server.federation.transport.requestValue('own.test', {
      method: 'POST',
      target: '/_matrix/policy/v1/sign',
      body: pdu,
      ignoreBackoff: true,
    })
  let owner: Actor
  let publicKey: string

  beforeAll(async () => {
    owner = await own.user('owner')
    publicKey = own.policyKey!
  })

  async function ownRoom(via = 'own.test', ed25519 = publicKey) {
    const roomId = await own.createRoom(owner, { version: '11' })
    const asker = await scriptedPeer(network, `asker${++askers}.test`, 'own.test')
    const room = await joinAsPeer(asker, roomId, 'bob')
    const content = { via, public_keys: { ed25519 } }
    await own.send(roomId, { type: 'm.room.policy', stateKey: '', sender: owner.userId, content })
    return { asker, room }
  }
  let askers = 0

  it('signs what it recommends, and says why it refuses the rest', async () => {
    const { asker, room } = await ownRoom()
    try {
      const answer = (await sign(asker, room.build({}).pdu)) as Record<string, JsonObject>
      expect(answer['own.test']).toEqual({ [POLICY_KEY_ID]: expect.stringMatching(/^[A-Za-z0-9+/]{86}$/) })
      for (const draft of [
        { content: { body: 'The CASINO of all casinos' } },
        { sender: '@spammer:there.test' },
      ]) {
        await expect(sign(asker, room.build(draft).pdu)).rejects.toMatchObject({
          status: 400,
          errcode: 'M_FORBIDDEN',
        })
      }
      const { pdu } = room.build({})
      const changed = { ...pdu, content: { body: 'something else' } }
      await expect(sign(asker, changed)).rejects.toMatchObject({ status: 400, errcode: 'M_BAD_JSON' })
      const policyEvent = room.build({ type: 'm.room.policy', stateKey: '' })
      await expect(sign(asker, policyEvent.pdu)).rejects.toMatchObject({ status: 400 })
      await expect(sign(peer, pdu)).rejects.toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' })
    } finally {
      await asker.server.close()
    }
  })

  it('signs nothing for rooms that name another one, or another key', async () => {
    for (const [via, ed25519] of [
      ['asker2.test', publicKey],
      ['own.test', otherKey.publicKeyBase64],
    ]) {
      const { asker, room } = await ownRoom(via, ed25519)
      await expect(sign(asker, room.build({}).pdu)).rejects.toMatchObject({
        status: 404,
        errcode: 'M_NOT_FOUND',
      })
      await asker.server.close()
    }
  })
})
