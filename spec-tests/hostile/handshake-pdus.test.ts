import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  fromTemplate,
  joinAsPeer,
  makeTarget,
  type PeerRoom,
} from '../../federation/test-support/peer-room.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { forge } from './support/forge.ts'
import { hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'
import { signedRequest } from './support/signed-request.ts'

const EVE = `@eve:${THERE}`
const CAROL = '@carol:here.test'

let world: HostileWorld
let alice: TestClient

beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
  await world.register('carol')
})
afterAll(() => world.close())

async function joinedRoom(version: string, join_rule = 'public'): Promise<PeerRoom> {
  const roomId = await alice.createRoom({
    preset: 'public_chat',
    room_version: version,
    power_level_content_override: { invite: 0 },
  })
  const room = await joinAsPeer(world.peer, roomId, 'bob')
  await alice.setState(roomId, 'm.room.join_rules', { join_rule })
  return room
}

/** The event that a good server would send, of a user who may. */
async function template(room: PeerRoom, endpoint: string, userId: string): Promise<JsonObject> {
  const made = await world.peer.request('GET', makeTarget(endpoint, room.roomId, userId))
  if (made.status !== 200) throw new Error(`${endpoint} was answered with ${made.status} ${made.errcode}`)
  return fromTemplate(world.peer, made.body).event.pdu
}

interface Handshake {
  readonly path: string
  readonly sound: (room: PeerRoom) => Promise<JsonObject>
  readonly wrap?: (pdu: JsonObject, room: PeerRoom) => JsonObject
  readonly joinRule?: string
}

const invite = async (room: PeerRoom) => {
  const content = { membership: 'invite' }
  return room.build({ type: 'm.room.member', stateKey: CAROL, content }).pdu
}

const HANDSHAKES: Readonly<Record<string, Handshake>> = {
  send_join: { path: 'v2/send_join', sound: (room) => template(room, 'make_join', EVE) },
  send_leave: { path: 'v2/send_leave', sound: (room) => template(room, 'make_leave', room.userId) },
  send_knock: {
    path: 'v1/send_knock',
    sound: (room) => template(room, 'make_knock', EVE),
    joinRule: 'knock',
  },
  'invite, old': { path: 'v1/invite', sound: invite },
  invite: {
    path: 'v2/invite',
    sound: invite,
    wrap: (event, room) => ({
      event,
      room_version: room.version.id,
      invite_room_state: [...room.state.values()].map(({ pdu }) => pdu),
    }),
  },
}

/** Changes after which the event is not what the endpoint is for; hashes and signatures are right. */
const FORGED: readonly (readonly [string, JsonObject])[] = [
  ['another room', { room_id: `!other:${THERE}` }],
  ['a room that is no room', { room_id: '!\0' }],
  ['another type', { type: 'm.room.topic' }],
  ['no type', { type: null }],
  ['no state key', { state_key: null }],
  ['the state key of somebody else', { state_key: `@somebody:${THERE}` }],
  ['a state key with U+0000', { state_key: '@\0:here.test' }],
  ['a sender of this server', { sender: '@alice:here.test' }],
  ['a sender of a third server', { sender: '@x:third.test' }],
  ['another membership', { content: { membership: 'ban' } }],
  ['a membership that is a list', { content: { membership: ['join'] } }],
  ['no membership', { content: {} }],
  ['content that is a text', { content: 'join' }],
  ['depth -1', { depth: -1 }],
  ['depth 2^64', { depth: parseJson('18446744073709551616') }],
  ['depth as text', { depth: '1' }],
  ['a time as text', { origin_server_ts: '1' }],
  ['causes that are a text', { prev_events: 'x' }],
  ['auth events that are a text', { auth_events: 'x' }],
  ['more than 64 KiB', { big: 'x'.repeat(70_000) }],
]

/** Changes to what proves the event. */
const UNPROVEN: readonly (readonly [string, JsonObject])[] = [
  ['no signatures', { signatures: {} }],
  ['signatures that are null', { signatures: null }],
  ['a wrong signature', { signatures: { [THERE]: { 'ed25519:test': 'A'.repeat(86) } } }],
  ['an unknown kind of key', { signatures: { [THERE]: { 'rsa:1': 'AAAA' } } }],
  ['no hashes', { hashes: {} }],
  ['content that is not what was hashed', { depth: 1_234 }],
]

async function events(): Promise<number> {
  const { n } = await world.database.queries
    .selectFrom('event')
    .select((build) => build.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(n)
}

async function send({ path, wrap }: Handshake, room: PeerRoom, pdu: JsonObject, eventId: string) {
  const target = `/_matrix/federation/${path}/${encodeURIComponent(room.roomId)}/${encodeURIComponent(eventId)}`
  const body = JSON.stringify(wrap ? wrap(pdu, room) : pdu)
  const answer = await signedRequest(world.peer, world.federation, 'PUT', target, body)
  expectSound(`${target} ${body}`, answer.status, answer.text)
  return answer
}

describe.each(Object.entries(HANDSHAKES))('%s', (name, handshake) => {
  const versions = name === 'invite, old' ? ['1'] : name === 'send_knock' ? ['7', '12'] : ['1', '11', '12']

  describe.each(versions)('in a room of version %s', (version) => {
    let room: PeerRoom
    let sound: JsonObject

    beforeAll(async () => {
      room = await joinedRoom(version, handshake.joinRule)
      sound = await handshake.sound(room)
    })

    test.each(FORGED)('refuses %s', async (_, change) => {
      const before = await events()
      const { pdu, eventId } = forge(world.peer, { ...sound, ...change }, room.version)
      const { status, text } = await send(handshake, room, pdu, eventId)
      expect([400, 403, 404, 413]).toContain(status)
      expect(text).not.toContain('signatures')
      expect(await events()).toBe(before)
      expect(world.takeFailures()).toEqual([])
    })

    test.each(UNPROVEN)('refuses %s', async (_, change) => {
      const before = await events()
      const { pdu, eventId } = forge(world.peer, sound, room.version)
      const { status } = await send(handshake, room, { ...pdu, ...change }, eventId)
      expect([400, 403]).toContain(status)
      expect(await events()).toBe(before)
      expect(world.takeFailures()).toEqual([])
    })

    test('refuses another id than the event has', async () => {
      const other = version === '1' ? `$other:${THERE}` : `$${'A'.repeat(43)}`
      expect((await send(handshake, room, sound, other)).status).toBe(400)
    })

    test('and takes the event as it should be', async () => {
      const { pdu, eventId } = forge(world.peer, sound, room.version)
      expect((await send(handshake, room, pdu, eventId)).status).toBe(200)
      expect(await alice.say(room.roomId, 'still here')).toMatch(/^\$/)
      expect(world.takeFailures()).toEqual([])
    })
  })
})
