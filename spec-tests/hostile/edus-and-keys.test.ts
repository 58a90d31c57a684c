import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { joinAsPeer } from '../../federation/test-support/peer-room.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { eventually } from '../support/eventually.ts'
import type { Json, TestClient } from '../support/test-client.ts'
import { HERE, hostileWorld, THERE, type HostileWorld } from './support/hostile-world.ts'

const BOB = `@bob:${THERE}`
const CAROL = '@carol:elsewhere.test'
/** More than any limit, in a body that is taken; and what no body holds. */
const TOO_MANY = [20_001, 100_000]
const REFUSED = [expect.toBeOneOf([400, 413]), 'M_TOO_LARGE']

let world: HostileWorld
let alice: TestClient
let anna: TestClient
let roomId: string
/** A room with nobody of the other server in it. */
let closed: string
let since: string

beforeAll(async () => {
  world = await hostileWorld({ presence: { enabled: true } })
  alice = await world.register('alice')
  anna = await world.register('anna')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  closed = await alice.createRoom({ preset: 'public_chat' })
  for (const room of [roomId, closed]) await anna.join(room)
  await joinAsPeer(world.peer, roomId, 'bob')
  since = String((await alice.sync())['next_batch'])
})
afterEach(() => expect(world.takeFailures()).toEqual([]))
afterAll(() => world.close())

function keysOf(userId: string, deviceId: string): JsonObject {
  const keys = { [`ed25519:${deviceId}`]: `key of ${deviceId}` }
  return { user_id: userId, device_id: deviceId, algorithms: [], keys, signatures: {} }
}

function listUpdate(userId: string, streamId: number, other: JsonObject = {}): JsonObject {
  const keys = keysOf(userId, 'X')
  const content = { user_id: userId, device_id: 'X', stream_id: streamId, prev_id: [], keys, ...other }
  return { edu_type: 'm.device_list_update', content }
}

function typing(room: string, userId: string): JsonObject {
  return { edu_type: 'm.typing', content: { room_id: room, user_id: userId, typing: true } }
}

function receipt(room: string, userId: string): JsonObject {
  const data = { event_ids: ['$event'], data: { ts: 1 } }
  return { edu_type: 'm.receipt', content: { [room]: { 'm.read': { [userId]: data } } } }
}

function presence(userId: string): JsonObject {
  return { edu_type: 'm.presence', content: { push: [{ user_id: userId, presence: 'online' }] } }
}

function toDevice(sender: string): JsonObject {
  const messages = { [alice.userId]: { '*': { from: sender } } }
  return {
    edu_type: 'm.direct_to_device',
    content: { sender, type: 'org.example', message_id: sender, messages },
  }
}

/** What a sync says of others, in one text. */
async function heard(): Promise<string> {
  const answer = await alice.sync({ since })
  const { rooms = {}, presence, to_device: toDevice, device_lists: lists } = answer
  return JSON.stringify({ rooms: (rooms as Json)['join'], presence, toDevice, lists })
}

describe('a server that speaks for others', () => {
  test('of users of ours and of third servers nothing is believed', async () => {
    for (const userId of [anna.userId, CAROL]) {
      const master = { user_id: userId, usage: ['master'], keys: {} }
      await world.peer.send({
        edus: [
          typing(roomId, userId),
          receipt(roomId, userId),
          presence(userId),
          toDevice(userId),
          listUpdate(userId, 1),
          { edu_type: 'm.signing_key_update', content: { user_id: userId, master_key: master } },
        ],
      })
    }
    // The same of its own user arrives, after all that was sent before.
    await world.peer.send({ edus: [typing(roomId, BOB), toDevice(BOB), listUpdate(BOB, 1)] })
    await eventually('the message of bob', async () => (await heard()).includes(`"from":"${BOB}"`))
    const all = await heard()
    expect(all).toContain(BOB)
    expect(all).not.toContain(CAROL)
    expect(all).not.toContain(anna.userId)
  })

  test('of its own users nothing is heard in rooms that they are not in', async () => {
    await world.peer.send({
      edus: [typing(closed, BOB), receipt(closed, BOB), typing('!none:there.test', BOB)],
    })
    await world.peer.send({
      edus: [
        { ...toDevice(BOB), content: { ...(toDevice(BOB)['content'] as JsonObject), message_id: 'after' } },
      ],
    })
    await eventually('the message after', async () => (await heard()).split(`"from":"${BOB}"`).length > 2)
    const { join = {} } = ((await alice.sync({ since }))['rooms'] ?? {}) as Record<string, Json>
    expect(JSON.stringify(join[closed] ?? {})).not.toContain(BOB)
  })
})

describe('a device list', () => {
  test('with gaps without end is fetched once at a time, and what is too much of it is left out', async () => {
    const devices = Array.from({ length: 5_000 }, (_, n) => ({
      device_id: `D${n}`,
      keys: keysOf(BOB, `D${n}`),
    }))
    let release: (() => void) | undefined
    world.peer.answers.queryKeys = () => ({
      device_keys: { [BOB]: Object.fromEntries(devices.map((device) => [device.device_id, device.keys])) },
    })
    world.peer.answers.userDevices = async () => {
      await new Promise<void>((resolve) => (release = resolve))
      return { user_id: BOB, stream_id: 1_000_000, devices }
    }
    const asked = () => world.peer.asked.filter((what) => what === 'userDevices').length
    const found = async (): Promise<number> => {
      const answer = await alice.call('POST', '/keys/query', { device_keys: { [BOB]: [] } })
      return Object.keys((answer['device_keys'] as Record<string, Json>)[BOB] ?? {}).length
    }
    expect(await found()).toBe(1_000)
    const before = asked()
    for (let burst = 0; burst < 2; burst++) {
      const edus = Array.from({ length: 100 }, (_, n) =>
        listUpdate(BOB, 1_000 * burst + 10 * n, { prev_id: [1_000 * burst + 10 * n - 1] }),
      )
      await world.peer.send({ edus })
    }
    await eventually('the question for the list', () => release !== undefined)
    expect(asked() - before).toBe(1)
    world.peer.answers.userDevices = () => ({ user_id: BOB, stream_id: 1_000_000, devices })
    release!()
    await eventually('the copy', async () => {
      const questions = world.peer.asked.length
      return (await found()) === 1_000 && world.peer.asked.length === questions
    })
    // What was told while the list was on its way has it fetched once more.
    expect(asked() - before).toBeLessThanOrEqual(2)
  })

  test('of keys that are not those of the device takes nothing in, and other servers are still told of ours', async () => {
    const wrong: JsonObject[] = [
      keysOf(alice.userId, 'X'),
      keysOf(BOB, 'Y'),
      { ...keysOf(BOB, 'X'), keys: { 'ed25519:X': 7 } },
      { ...keysOf(BOB, 'X'), keys: ['ed25519:X'] },
      { ...keysOf(BOB, 'X'), signatures: { [BOB]: { 'ed25519:X': null } } },
      { ...keysOf(BOB, 'X'), algorithms: [{}] },
      { ...keysOf(BOB, 'X'), extra: 1.5 },
    ]
    const edus = wrong.map((keys, n) => listUpdate(BOB, 1_000_001 + n, { prev_id: [1_000_000 + n], keys }))
    await world.peer.send({ edus })
    const answer = await alice.call('POST', '/keys/query', { device_keys: { [BOB]: ['X', 'Y'] } })
    expect((answer['device_keys'] as Record<string, Json>)[BOB] ?? {}).toEqual({})
  })
})

describe.each(TOO_MANY)('questions without measure: %i', (count) => {
  const many = <Value>(value: Value): Record<string, Value> =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`@user-${n}:${HERE}`, value]))

  test.each<[string, string, () => object]>([
    ['the keys of so many users', 'keys/query', () => ({ device_keys: many([]) })],
    [
      'the keys of so many devices of one user',
      'keys/query',
      () => ({ device_keys: { [alice.userId]: Object.keys(many(0)) } }),
    ],
    [
      'one-time keys of so many users',
      'keys/claim',
      () => ({ one_time_keys: many({ X: 'signed_curve25519' }) }),
    ],
  ])('%s are refused to clients and to servers', async (_what, path, body) => {
    const client = await alice.request('POST', `/_matrix/client/v3/${path}`, body())
    expect([client.status, client.body['errcode']]).toEqual(REFUSED)
    const server = await world.peer.request(
      'POST',
      `/_matrix/federation/v1/user/${path}`,
      body() as JsonObject,
    )
    expect([server.status, server.errcode]).toEqual(REFUSED)
  })

  test.each<[string, string, string, () => object]>([
    [
      'a message to so many devices',
      'PUT',
      'sendToDevice/org.example/many',
      () => ({ messages: many({ '*': {} }) }),
    ],
    ['so many one-time keys', 'POST', 'keys/upload', () => ({ one_time_keys: keyed('signed_curve25519') })],
    ['so many fallback keys', 'POST', 'keys/upload', () => ({ fallback_keys: keyed('signed_curve25519') })],
    ['so many signatures', 'POST', 'keys/signatures/upload', () => many({ X: {} })],
  ])('%s are refused', async (_what, method, path, body) => {
    const { status, body: answer } = await alice.request(method, `/_matrix/client/v3/${path}`, body())
    expect([status, answer['errcode']]).toEqual(REFUSED)
  })

  function keyed(algorithm: string): object {
    return Object.fromEntries(Array.from({ length: count }, (_, n) => [`${algorithm}:${n}`, 'k']))
  }
})

test('cross-signing keys are replaced by nobody who has not proven to be the user', async () => {
  const master = (key: string): object => ({
    master_key: { user_id: alice.userId, usage: ['master'], keys: { [`ed25519:${key}`]: key } },
  })
  const upload = (body: object) =>
    alice.request('POST', '/_matrix/client/v3/keys/device_signing/upload', body)
  const [first, second] = [
    '2Hnlwe1QvrSRd1x2BGHE6Dq0tGKPmzqZvUxdFDNlTAk',
    'XKg6ZfkQCnZCVk8q5JJkq1QAOcvW1kZAvF8cvBrEt0w',
  ]
  expect((await upload(master(first))).status).toBe(200)
  for (const auth of [
    undefined,
    {},
    { type: 'm.login.dummy' },
    { type: 'm.login.password', password: 'wrong' },
  ]) {
    expect((await upload({ ...master(second), auth })).status).toBe(401)
  }
  const { master_keys: keys } = await anna.call('POST', '/keys/query', {
    device_keys: { [alice.userId]: [] },
  })
  expect(JSON.stringify(keys)).toContain(first)
  expect(JSON.stringify(keys)).not.toContain(second)
})
