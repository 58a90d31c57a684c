import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { joinAsPeer, type PeerRoom } from '../../federation/test-support/peer-room.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject, JsonValue } from '../../protocol/json/value.ts'
import type { TestClient } from '../support/test-client.ts'
import { forge } from './support/forge.ts'
import { hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'

const VERSIONS = ['1', '5', '6', '10', '11', '12']
const HASH = 'A'.repeat(43)

let world: HostileWorld
let alice: TestClient
const rooms = new Map<string, PeerRoom>()
/** A message of each room. */
const said = new Map<PeerRoom, string>()

beforeAll(async () => {
  world = await hostileWorld()
  alice = await world.register('alice')
  for (const room_version of VERSIONS) {
    const users = { [`@bob:${THERE}`]: 100, ...(room_version !== '12' && { [alice.userId]: 100 }) }
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      room_version,
      power_level_content_override: { users },
    })
    const room = await joinAsPeer(world.peer, roomId, 'bob')
    rooms.set(room_version, room)
    said.set(room, await alice.say(roomId, 'hello'))
  }
})
afterAll(() => world.close())

/** Ids of events as the room's version writes them in lists. */
function named(room: PeerRoom, ids: readonly string[]): JsonValue[] {
  return ids.map((id) => (room.version.eventReferences === 'ids' ? id : [id, {}]))
}

function strangers(room: PeerRoom, count: number): JsonValue[] {
  const inPdu = room.version.eventIdFormat === 'in-pdu'
  return named(
    room,
    Array.from({ length: count }, (_, n) =>
      inPdu ? `$${n}:${THERE}` : `$${HASH.slice(String(n).length)}${n}`,
    ),
  )
}

/** Sends a forged event and tells whether it was taken, and whether the room shows it. */
async function send(room: PeerRoom, change: JsonObject, unproven: JsonObject = {}) {
  const { pdu, eventId } = forge(world.peer, { ...room.build({}).pdu, ...change }, room.version)
  const results = await world.peer.send({ pdus: [{ ...pdu, ...unproven }] })
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room.roomId)}/event/${encodeURIComponent(eventId)}`
  const shown = await alice.request('GET', path)
  return { taken: JSON.stringify(results[eventId]) === '{}', shown: shown.status === 200, event: shown.body }
}

const memberOf = (stateKey: string, content: JsonObject): JsonObject => ({
  type: 'm.room.member',
  state_key: stateKey,
  content,
})
const power = (content: JsonObject): JsonObject => ({ type: 'm.room.power_levels', state_key: '', content })

/** What makes an event no event, or one that the rules refuse, in every version. */
const REFUSED: readonly (readonly [string, (room: PeerRoom) => JsonObject])[] = [
  ['depth -1', () => ({ depth: -1 })],
  ['depth 2^63', () => ({ depth: parseJson('9223372036854775808') })],
  ['depth as text', () => ({ depth: '7' })],
  ['depth 1.5', () => ({ depth: 1.5 })],
  ['no depth', () => ({ depth: null })],
  ['a time as text', () => ({ origin_server_ts: 'now' })],
  ['a time beyond 2^53', () => ({ origin_server_ts: parseJson('9223372036854775807') })],
  ['no causes', () => ({ prev_events: [] })],
  ['21 causes', (room) => ({ prev_events: strangers(room, 21) })],
  ['causes that are no list', () => ({ prev_events: {} })],
  ['causes that are no ids', () => ({ prev_events: [null, 7, [[]]] })],
  ['11 auth events', (room) => ({ auth_events: strangers(room, 11) })],
  ['auth events that are no state', (room) => ({ auth_events: named(room, [said.get(room)!]) })],
  ['no auth events', () => ({ auth_events: [] })],
  ['content that is a list', () => ({ content: [] })],
  ['content that is null', () => ({ content: null })],
  ['a type that is a number', () => ({ type: 7 })],
  ['a state key that is null', () => ({ state_key: null })],
  ['a sender that is no user', () => ({ sender: 'bob' })],
  ['a sender of another server', () => ({ sender: '@alice:here.test' })],
  ['another user of its server', () => ({ sender: `@eve:${THERE}` })],
  ['more than 64 KiB', () => ({ content: { body: 'x'.repeat(65_536) } })],
  ['a type of 256 characters', () => ({ type: 'x'.repeat(256) })],
  ['a state key of 256 characters', () => ({ type: 'x.y', state_key: 'x'.repeat(256) })],
  [
    'a second create event',
    () => ({ type: 'm.room.create', state_key: '', content: { creator: `@bob:${THERE}` } }),
  ],
  ['a membership without meaning', () => memberOf(`@bob:${THERE}`, { membership: 'x' })],
  ['a membership that is a number', () => memberOf(`@bob:${THERE}`, { membership: 7 })],
  ['a join for somebody else', () => memberOf(`@eve:${THERE}`, { membership: 'join' })],
  [
    'an invite with a forged third party',
    () =>
      memberOf(`@eve:${THERE}`, {
        membership: 'invite',
        third_party_invite: { signed: { mxid: 7, token: '\0' } },
      }),
  ],
  [
    'an invite with an overlong token',
    () =>
      memberOf(`@eve:${THERE}`, {
        membership: 'invite',
        third_party_invite: { signed: { mxid: `@eve:${THERE}`, token: 'x'.repeat(5_000), signatures: {} } },
      }),
  ],
  ['power levels beyond one’s own', () => power({ users: { [`@bob:${THERE}`]: 101 } })],
  ['power levels of users who are none', () => power({ users: { bob: 100 } })],
  ['power levels of users that are a list', () => power({ users: [] })],
]

describe.each(VERSIONS)('in a room of version %s', (version) => {
  test.each(REFUSED)('nobody is shown an event with %s', async (_, change) => {
    const room = rooms.get(version)!
    const { taken, shown } = await send(room, change(room))
    expect({ taken, shown }).toEqual({ taken: false, shown: false })
    expect(world.takeFailures()).toEqual([])
  })

  test.each<[string, JsonObject]>([
    ['without signatures', { signatures: {} }],
    ['with signatures that are a list', { signatures: [] }],
    ['with a signature that is a number', { signatures: { [THERE]: { 'ed25519:test': 7 } } }],
    [
      'with a signature by a key that nobody has',
      { signatures: { [THERE]: { 'ed25519:none': HASH + HASH } } },
    ],
    ['with a signature of an unknown kind', { signatures: { [THERE]: { 'rsa:test': HASH } } }],
    ['with a signature of another server', { signatures: { 'here.test': { 'ed25519:test': HASH + HASH } } }],
    ['without hashes', { hashes: {} }],
    ['with hashes that are a text', { hashes: HASH }],
  ])('an event %s is not taken', async (_, unproven) => {
    const { taken, shown } = await send(rooms.get(version)!, { content: { body: 'unproven' } }, unproven)
    expect({ taken, shown }).toEqual({ taken: false, shown: false })
    expect(world.takeFailures()).toEqual([])
  })

  test('what a server says in unsigned is not believed, and further signatures do no harm', async () => {
    const unsigned = {
      age: -1,
      transaction_id: 't',
      prev_content: { a: 1 },
      redacted_because: { a: 1 },
      '\0': 1,
    }
    const room = rooms.get(version)!
    const { taken, event } = await send(room, { content: { body: 'shown' } }, { unsigned })
    expect(taken).toBe(true)
    expect(event['content']).toEqual({ body: 'shown' })
    const told = Object.keys(event['unsigned'] ?? {})
    expect(told.filter((key) => key in unsigned && key !== 'age')).toEqual([])
    expect(JSON.stringify(event['unsigned'])).not.toContain('"age":-1')
  })

  test('and after all of it the room goes on', async () => {
    const room = rooms.get(version)!
    expect((await send(room, { content: { body: 'still here' } })).shown).toBe(true)
    const state = await alice.state(room.roomId)
    expect(state.filter(({ type }) => type === 'm.room.create')).toHaveLength(1)
    expect(await alice.say(room.roomId, 'still here')).toMatch(/^\$/)
  })
})

describe.each(['10', '11', '12'])('in a room of version %s, power levels', (version) => {
  test.each<[string, JsonValue]>([
    ['texts', '50'],
    ['floats', 1.5],
    ['flags', true],
    ['beyond 2^53', parseJson('9007199254740993')],
    ['lists', [50]],
  ])('may not be %s', async (_, level) => {
    const room = rooms.get(version)!
    const users = { [`@bob:${THERE}`]: 100, '@carol:here.test': level }
    expect((await send(room, power({ users }))).taken).toBe(false)
    expect((await send(room, power({ users_default: level }))).taken).toBe(false)
    expect(world.takeFailures()).toEqual([])
  })
})

test('from version 12 on, power levels may not name the creator', async () => {
  const room = rooms.get('12')!
  const users = { [`@bob:${THERE}`]: 100, [alice.userId]: 100 }
  expect((await send(room, power({ users }))).taken).toBe(false)
})
