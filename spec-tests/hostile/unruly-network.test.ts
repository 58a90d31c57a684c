import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { joinAsPeer, type PeerRoom } from '../../federation/test-support/peer-room.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import type { JsonObject, JsonValue } from '../../protocol/json/value.ts'
import { eventually } from '../support/eventually.ts'
import type { TestClient } from '../support/test-client.ts'
import { forge } from './support/forge.ts'
import { hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'
import { servedMeanwhile } from './support/served-meanwhile.ts'
import { answers, drips, drops, endless, late, unrulyLink, type UnrulyLink } from './support/unruly-link.ts'

const BOB = `@bob:${THERE}`
const id = encodeURIComponent

let world: HostileWorld
let link: UnrulyLink
let alice: TestClient
/** Where alice talks while the peer misbehaves. */
let quiet: string

beforeAll(async () => {
  world = await hostileWorld(
    {
      federation: {
        client_timeout: 3_000,
        destination_min_retry_interval: 1,
        destination_max_retry_interval: 1,
      },
    },
    async (network, peerPort) => (link = await unrulyLink(network, THERE, peerPort)).port,
  )
  alice = await world.register('alice')
  quiet = await alice.createRoom()
})
afterAll(async () => {
  await world.close()
  link.close()
})
afterEach(() => {
  link.rules.length = 0
  link.met.length = 0
  world.peer.asked.length = 0
  for (const name of Object.keys(world.peer.answers)) Reflect.deleteProperty(world.peer.answers, name)
})

async function sharedRoom(): Promise<PeerRoom> {
  const roomId = await alice.createRoom({
    preset: 'public_chat',
    room_version: '10',
    power_level_content_override: { events: { 'm.room.topic': 0 } },
  })
  return joinAsPeer(world.peer, roomId, 'bob')
}

/** A small generator of numbers below 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647
}

/** What stands in the room, without what each event's age adds. */
async function stateIds(roomId: string): Promise<string[]> {
  return (await alice.state(roomId)).map(({ event_id: eventId }) => String(eventId)).toSorted()
}

async function bodies(roomId: string): Promise<string[]> {
  const { chunk } = (await alice.call('GET', `/rooms/${id(roomId)}/messages?dir=b&limit=200`)) as {
    chunk: { type: string; content: { body?: string } }[]
  }
  return chunk
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => String(content.body))
    .toReversed()
}

/** Serves events by id, and nothing of a gap. */
function serveEvents(events: readonly RoomEvent[]): void {
  const byId = new Map(events.map((event) => [event.eventId, event.pdu]))
  world.peer.answers.getMissingEvents = () => ({ events: [] })
  world.peer.answers.event = (request) => {
    const pdu = byId.get(request.param('eventId'))
    if (!pdu) throw new Error('not there')
    return { origin: THERE, origin_server_ts: 1, pdus: [pdu] }
  }
}

const signatureOfBob = (room: PeerRoom, pdu: JsonObject): JsonObject =>
  forge(world.peer, pdu, room.version).pdu

describe('a server that lies about the state before an event', () => {
  interface Lie {
    readonly state: readonly string[]
    readonly events: readonly RoomEvent[]
    readonly chain?: readonly string[]
  }
  const lies: Record<string, (room: PeerRoom) => Promise<Lie> | Lie> = {
    'gives its user all power': (room) => {
      const content = { users: { [BOB]: 100, [alice.userId]: 0 } }
      const taken = room.build({ type: 'm.room.power_levels', stateKey: '', content })
      return { state: withEvent(room, taken), events: [taken] }
    },
    'puts words into the mouth of a user of ours': (room) => {
      const taken = room.build({
        type: 'm.room.topic',
        stateKey: '',
        content: { topic: 'x' },
        sender: alice.userId,
      })
      return { state: withEvent(room, taken), events: [taken] }
    },
    'mixes in the state of another room': async (room) => {
      const other = await sharedRoom()
      const topic = other.build({ type: 'm.room.topic', stateKey: '', content: { topic: 'of another room' } })
      return { state: withEvent(room, topic), events: [topic, ...other.state.values()] }
    },
    'names a second create event': (room) => {
      const create = room.build({
        type: 'm.room.create',
        stateKey: '',
        content: { creator: BOB },
        prevEvents: [],
        authEvents: [],
      })
      return { state: withEvent(room, create), events: [create] }
    },
    'leaves everything out': () => ({ state: [], events: [] }),
    'names events that there are not': (room) => ({
      state: [...withEvent(room), ...Array.from({ length: 50 }, (_, n) => `$${String(n).padEnd(43, 'x')}`)],
      events: [],
    }),
    'names half a million': () => ({
      state: Array.from({ length: 500_001 }, (_, n) => `$${String(n).padEnd(43, 'x')}`),
      events: [],
    }),
    'hides an event of the chain': (room) => {
      const profile = (name: string, authEvents?: string[]) =>
        room.build({
          type: 'm.room.member',
          stateKey: BOB,
          content: { membership: 'join', displayname: name },
          ...(authEvents && { authEvents }),
        })
      const rules = ['m.room.create', 'm.room.power_levels', 'm.room.join_rules'].flatMap(
        (type) => [...room.state.values()].find((event) => event.type === type)?.eventId ?? [],
      )
      const first = profile('A')
      const hidden = profile('B', [...rules, first.eventId])
      const third = profile('C', [...rules, hidden.eventId])
      const last = profile('D', [...rules, third.eventId])
      const chain = [first, hidden, third].map(({ eventId }) => eventId)
      return { state: withEvent(room, last), events: [first, third, last], chain }
    },
  }

  /** The ids of the room's state, with one event in the place of another. */
  function withEvent(room: PeerRoom, event?: RoomEvent): string[] {
    const others = [...room.state.values()].filter(
      ({ type, stateKey }) => type !== event?.type || stateKey !== event.stateKey,
    )
    return [...others, ...(event ? [event] : [])].map(({ eventId }) => eventId)
  }

  test.each(Object.keys(lies))('%s', async (name) => {
    const room = await sharedRoom()
    const before = await stateIds(room.roomId)
    const lie = await lies[name]!(room)
    const gap = room.build({ content: { body: 'never told' } })
    const last = room.build({
      prevEvents: [gap.eventId],
      depth: gap.depth + 1,
      content: { body: 'after a gap' },
    })
    serveEvents([...room.state.values(), ...lie.events])
    let told = 0
    world.peer.answers.stateIds = () => {
      told++
      return { pdu_ids: [...lie.state], auth_chain_ids: [...(lie.chain ?? withEvent(room))] }
    }
    await servedMeanwhile(alice, quiet, async () => {
      await world.peer.send({ pdus: [last.pdu] })
      await eventually('the question for the state', () => told > 0)
      await sleep(300)
    })
    expect(await stateIds(room.roomId)).toEqual(before)
    const after = room.build({ content: { body: 'an honest word' } })
    expect(await world.peer.send({ pdus: [after.pdu] })).toEqual({ [after.eventId]: {} })
    await eventually('what is said then', async () => (await bodies(room.roomId)).includes('an honest word'))
    expect(await stateIds(room.roomId)).toEqual(before)
  })
})

describe('a network', () => {
  test.each([11, 4_711])('that reorders, repeats, drops and delays, with seed %i', async (seed) => {
    const random = seeded(seed)
    const room = await sharedRoom()
    const chain = Array.from({ length: 30 }, (_, n) =>
      n % 5 === 4
        ? room.next({ type: 'm.room.topic', stateKey: '', content: { topic: `topic ${n}` } })
        : room.next({ content: { body: `message ${n}` } }),
    )
    const places = new Map(chain.map(({ eventId }, place) => [eventId, place]))
    world.peer.answers.getMissingEvents = async (request) => {
      const asked = await request.object()
      const [latest] = asked['latest_events'] as string[]
      const limit = Number(asked['limit'])
      const end = places.get(String(latest)) ?? 0
      return { events: chain.slice(Math.max(0, end - limit), end).map(({ pdu }) => pdu) }
    }
    link.rules.push({
      path: /get_missing_events/,
      behave: (request, response, pass) => {
        const fate = random()
        if (fate < 0.4) drops(request, response, pass)
        else if (fate < 0.7) late(200)(request, response, pass)
        else pass()
      },
    })
    const shuffled = [...chain, ...chain.slice(0, 10)]
      .map((event) => ({ event, key: random() }))
      .toSorted((one, other) => one.key - other.key)
      .map(({ event }) => event.pdu)
    await servedMeanwhile(alice, quiet, async () => {
      for (let start = 0; start < shuffled.length; start += 5) {
        await world.peer.send({ pdus: shuffled.slice(start, start + 5) })
      }
      const said = chain.filter(({ type }) => type === 'm.room.message').map(({ content }) => content['body'])
      await eventually(
        'all that was said, in its order',
        async () => JSON.stringify(await bodies(room.roomId)) === JSON.stringify(said),
      )
    })
    const topic = (await alice.state(room.roomId)).find(({ type }) => type === 'm.room.topic')
    expect(topic?.['content']).toEqual({ topic: 'topic 29' })
  })

  test('that replays: what was sent counts once, by transaction and by event', async () => {
    const room = await sharedRoom()
    const event = room.next({ content: { body: 'once' } })
    const first = await world.peer.send({ pdus: [event.pdu] }, 'replayed')
    const other = room.build({ content: { body: 'in a transaction that was answered' } })
    expect(await world.peer.send({ pdus: [other.pdu] }, 'replayed')).toEqual(first)
    for (let n = 0; n < 20; n++) expect(await world.peer.send({ pdus: [event.pdu] })).toEqual(first)
    expect(await bodies(room.roomId)).toEqual(['once'])
  })
})

describe('a flood', () => {
  test('of events whose causes nobody has, and of messages beside them', async () => {
    const room = await sharedRoom()
    const before = await stateIds(room.roomId)
    world.peer.answers.getMissingEvents = () => ({ events: [] })
    link.rules.push({ path: /state_ids|\/event\//, behave: drips })
    const nowhere = (n: number) => [`$${String(n).padEnd(43, 'y')}`]
    const edus = Array.from({ length: 100 }, (_, n) => ({
      edu_type: 'm.typing',
      content: { room_id: room.roomId, user_id: BOB, typing: n % 2 === 0 },
    }))
    let refused = 0
    await servedMeanwhile(alice, quiet, async () => {
      for (let round = 0; round < 12; round++) {
        await Promise.all(
          Array.from({ length: 4 }, async (_, part) => {
            const pdus = Array.from({ length: 50 }, (__, n) => {
              const place = (round * 4 + part) * 50 + n
              return room.build({ prevEvents: nowhere(place), content: { body: `flood ${place}` } }).pdu
            })
            const results = Object.values(await world.peer.send({ pdus, edus }))
            refused += results.filter((result) => Object.keys(result as JsonObject).length > 0).length
          }),
        )
      }
    })
    // 2,400 came, of which 2,000 may wait.
    expect(refused).toBeGreaterThanOrEqual(400)
    const word = room.build({ content: { body: 'heard all the same' } })
    await world.peer.send({ pdus: [word.pdu] })
    expect(await bodies(room.roomId)).toEqual(['heard all the same'])
    expect(await stateIds(room.roomId)).toEqual(before)
  })
})

/** The longest that an answer may take while a user waits, however it drips, and as much again for a busy machine. */
const PATIENCE_MS = 40_000

describe('answers to what users want', () => {
  const alias = `#room:${THERE}`
  const wishes: readonly (readonly [string, string, JsonValue?])[] = [
    ['GET', `/profile/${id(BOB)}`],
    ['GET', `/directory/room/${id(alias)}`],
    ['POST', `/join/${id(alias)}`, {}],
    ['POST', `/join/${id('!room:there.test')}?via=${THERE}`, {}],
    ['POST', `/knock/${id('!room:there.test')}?via=${THERE}`, {}],
    ['GET', `/publicRooms?server=${THERE}`],
    ['POST', `/publicRooms?server=${THERE}`, {}],
    ['POST', '/keys/query', { device_keys: { [BOB]: [] } }],
    ['POST', '/keys/claim', { one_time_keys: { [BOB]: { PHONE: 'signed_curve25519' } } }],
  ]
  const loggedOut = answers(401, '{"errcode":"M_UNKNOWN_TOKEN","error":"Log in again","soft_logout":true}')
  const misbehaviours = {
    'never end': endless,
    drip: drips,
    'break off': drops,
    'would log the user out': loggedOut,
    'are a page': answers(200, '<html>It works!</html>'),
    'are another shape': answers(
      200,
      '{"event":7,"room_id":[],"chunk":{},"device_keys":[],"one_time_keys":3}',
    ),
    'lead elsewhere': answers(302, '{}', { location: 'http://169.254.169.254/' }),
    'have headers without measure': answers(200, '{}', { 'x-large': 'x'.repeat(60_000) }),
  }

  test.each(Object.entries(misbehaviours))('that %s', async (_, behave) => {
    link.rules.push({ path: /^\/_matrix\/federation/, behave })
    const started = performance.now()
    await servedMeanwhile(alice, quiet, () =>
      Promise.all(
        wishes.map(async ([method, path, body]) => {
          const answer = await alice.request(method, `/_matrix/client/v3${path}`, body)
          expect(answer.status, path).not.toBe(401)
          expect(JSON.stringify(answer.body), path).not.toMatch(/M_UNKNOWN_TOKEN|Log in again|It works/)
          if (answer.status >= 300) expect(answer.body['errcode'], path).toMatch(/^M_[A-Z_]+$/)
        }),
      ),
    )
    expect(performance.now() - started).toBeLessThan(PATIENCE_MS)
    expect(link.met.length).toBeGreaterThan(0)
  })
})

test('an event that another server signs in the name of a user of ours never becomes state', async () => {
  const room = await sharedRoom()
  const before = await stateIds(room.roomId)
  const taken = room.build({
    type: 'm.room.power_levels',
    stateKey: '',
    sender: alice.userId,
    content: { users: { [BOB]: 100 } },
  })
  const forged = signatureOfBob(room, taken.pdu)
  const results = await world.peer.send({ pdus: [taken.pdu, forged] })
  expect(Object.values(results).every((result) => 'error' in (result as JsonObject))).toBe(true)
  expect(await stateIds(room.roomId)).toEqual(before)
})

test('the server has not failed by any of this', () => {
  // That another server cannot help is answered, and logged, as 502.
  expect(world.takeFailures().filter((line) => !line.includes('"status":502'))).toEqual([])
})
