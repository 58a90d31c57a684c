import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import { json } from '../../homeserver/http/answer.ts'
import { anybody, declareRoutes, endpoint } from '../../homeserver/http/endpoint.ts'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import { authEventTuples } from '../../protocol/auth-rules/select-auth-events.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { federatingServer, type FederatingServer } from '../test-support/federating-server.ts'
import { miniServer, type MiniServer } from '../test-support/mini-server.ts'
import { privateNetwork, type PrivateNetwork } from '../test-support/private-network.ts'

const NAME = 'hostile.test'
const CREATOR = `@eve:${NAME}`
const VERSION = roomVersion('10')!

let network: PrivateNetwork
let here: FederatingServer
let hostile: MiniServer
let bob: Actor
let rooms = 0
let room: RoomEvent[] = []
/** What the next join is answered with. */
let script: { template: JsonObject; roomVersion: string; sendJoin: JsonObject }

beforeAll(async () => {
  network = await privateNetwork()
  const signingKey = createSigningKey(createSeed(), 'test')
  const routes = declareRoutes()
  routes.get(
    '/_matrix/federation/v1/make_join/:roomId/:userId',
    endpoint(anybody, () => json({ event: script.template, room_version: script.roomVersion })),
  )
  routes.put(
    '/_matrix/federation/v2/send_join/:roomId/:eventId',
    endpoint(anybody, () => json(script.sendJoin)),
  )
  hostile = await miniServer(network, NAME, { signingKey, moreRoutes: [routes] })
  here = await federatingServer(network, 'here.test')
  bob = await here.resident.user('bob')
})
afterAll(async () => {
  await here.close()
  await hostile.close()
  await network.close()
})

function add(type: string, stateKey: string, content: JsonObject, roomId: string): RoomEvent {
  const subject = { type, stateKey, sender: CREATOR, content }
  const places = authEventTuples(VERSION, subject)
  const authEvents = room.filter((event) =>
    places.some((place) => place.type === event.type && place.stateKey === event.stateKey),
  )
  const event = buildPdu(
    {
      ...subject,
      roomId,
      originServerTs: Date.now(),
      depth: room.length + 1,
      prevEvents: room.slice(-1).map(({ eventId }) => eventId),
      authEvents: authEvents.map(({ eventId }) => eventId),
    },
    VERSION,
    hostile.ownKeys.signer,
  )
  room.push(event)
  return event
}

/** A room as an honest server would tell it. */
function honest(joinRule = 'public'): string {
  const roomId = `!room${++rooms}:${NAME}`
  room = []
  const create = add('m.room.create', '', { room_version: '10', creator: CREATOR }, roomId)
  add('m.room.member', CREATOR, { membership: 'join' }, roomId)
  const rules = add('m.room.join_rules', '', { join_rule: joinRule }, roomId)
  script = {
    roomVersion: '10',
    template: {
      type: 'm.room.member',
      room_id: roomId,
      sender: bob.userId,
      state_key: bob.userId,
      content: { membership: 'join' },
      depth: room.length + 1,
      prev_events: [rules.eventId],
      auth_events: [create.eventId, rules.eventId],
    },
    sendJoin: { state: room.map(({ pdu }) => pdu), auth_chain: room.map(({ pdu }) => pdu) },
  }
  return roomId
}

const tell = (events: readonly JsonObject[]): void => {
  script.sendJoin = { state: [...events], auth_chain: [...events] }
}

test('an honest answer is taken', async () => {
  const roomId = honest()
  await here.joinThrough(bob, roomId, NAME)
  expect(await here.actions.writer.open(roomId)).toBeDefined()
})

test.each<[string, () => void]>([
  ['no create event', () => tell(room.slice(1).map(({ pdu }) => pdu))],
  ['a create event of another version', () => (script.roomVersion = '9')],
  ['an unknown version', () => (script.roomVersion = 'x')],
  ['a create event with a wrong signature', () => tell(room.map(({ pdu }) => ({ ...pdu, depth: 77 })))],
  ['members left out, and no servers to ask for them', () => (script.sendJoin['members_omitted'] = true)],
  ['a state that is no list', () => (script.sendJoin['state'] = {})],
  [
    'a restricted join that does not come back',
    () => {
      const content = { membership: 'join', join_authorised_via_users_server: CREATOR }
      script.template = { ...script.template, content }
    },
  ],
  [
    'a restricted join that comes back unsigned',
    () => {
      const content = { membership: 'join', join_authorised_via_users_server: CREATOR }
      script.template = { ...script.template, content }
      script.sendJoin['event'] = { ...script.template, signatures: { [NAME]: { 'ed25519:test': 'AAAA' } } }
    },
  ],
  ['events of another room', () => tell([...room].map(({ pdu }) => ({ ...pdu, room_id: '!x:y' })))],
])('%s is no join', async (_, spoil) => {
  const roomId = honest()
  spoil()
  await expect(here.joinThrough(bob, roomId, NAME)).rejects.toMatchObject({ status: 502 })
  expect(await here.actions.writer.open(roomId)).toBeUndefined()
})

test('a state that does not let us in is no join', async () => {
  const roomId = honest('invite')
  await expect(here.joinThrough(bob, roomId, NAME)).rejects.toMatchObject({ status: 502 })
  expect(await here.actions.writer.open(roomId)).toBeUndefined()
})
