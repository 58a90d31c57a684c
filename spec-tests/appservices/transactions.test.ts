import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startAppService, type ActingClient, type TestAppService } from '../support/app-service.ts'
import { eventually } from '../support/eventually.ts'
import {
  eventsOf,
  listIn,
  messagesIn,
  transactionId,
  transactionsOf,
} from '../support/service-transactions.ts'
import type { Json, TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

// Application service API, "Pushing events", "Pushing ephemeral data"; MSC2409, MSC3202, MSC4203.

const GHOST = '@_bridge_anna:here.test'

let bridge: TestAppService
let logger: TestAppService
let server: TestServer
let person: TestClient
let ghost: ActingClient

beforeAll(async () => {
  bridge = await startAppService({
    'de.sorunome.msc2409.push_ephemeral': true,
    'org.matrix.msc3202': true,
  })
  logger = await startAppService({
    sender_localpart: 'logger',
    receive_ephemeral: true,
    namespaces: {
      aliases: [{ exclusive: false, regex: '#logged_.*' }],
      rooms: [{ exclusive: false, regex: '!nothing-like-this' }],
    },
  })
  const files = [bridge, logger].map(({ registrationFile }) => registrationFile)
  server = await startTestServer({
    config: {
      app_service_config_files: files,
      rc_presence: { per_user: { per_second: 1_000, burst_count: 1_000 } },
    },
  })
  person = await server.register('person')
  await bridge.actor(server.url).call('POST', '/register', {
    type: 'm.login.application_service',
    username: '_bridge_anna',
    inhibit_login: true,
  })
  ghost = bridge.actor(server.url, GHOST)
})
afterAll(async () => {
  await server.close()
  await bridge.close()
  await logger.close()
})
beforeEach(() => bridge.handle(() => ({ status: 200 })))

async function portal(): Promise<string> {
  const roomId = await person.createRoom({ preset: 'public_chat' })
  await ghost.join(roomId)
  return roomId
}
const told = (service: TestAppService, eventId: string) =>
  eventually(`event ${eventId}`, () => eventsOf(service).find((event) => event['event_id'] === eventId))

describe('events', () => {
  test('are told from the join of a user of the service to its leave, in order and in the client form', async () => {
    const roomId = await person.createRoom({ preset: 'public_chat', name: 'Portal' })
    await person.say(roomId, 'before anybody of the bridge is there')
    await ghost.join(roomId)
    const first = await person.say(roomId, 'first')
    const renamed = await person.setState(roomId, 'm.room.name', { name: 'Renamed' })
    await ghost.say(roomId, 'of the bridge itself')
    await ghost.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
    await person.say(roomId, 'when it has left')
    const elsewhere = await portal()
    await told(bridge, await person.say(elsewhere, 'end'))

    const events = eventsOf(bridge).filter((event) => event['room_id'] === roomId)
    expect(messagesIn(bridge, roomId)).toEqual(['first', 'of the bridge itself'])
    expect(events.map((event) => event['type'])).toEqual([
      'm.room.member', 'm.room.message', 'm.room.name', 'm.room.message', 'm.room.member',
    ]) // prettier-ignore
    expect(events.find((event) => event['event_id'] === first)).toMatchObject({
      sender: person.userId,
      content: { msgtype: 'm.text', body: 'first' },
      origin_server_ts: expect.any(Number),
      unsigned: { age: expect.any(Number) },
    })
    expect(events.find((event) => event['event_id'] === renamed)).toMatchObject({
      state_key: '',
      unsigned: { prev_content: { name: 'Portal' }, prev_sender: person.userId },
    })
    expect(bridge.requests.map(({ authorization }) => authorization)).toContain(`Bearer ${bridge.hsToken}`)
  })

  test('an invite is told with what may be known of the room', async () => {
    const roomId = await person.createRoom({ preset: 'private_chat', name: 'Secret', invite: [GHOST] })
    const invite = await eventually('the invite', () =>
      eventsOf(bridge).find((event) => event['room_id'] === roomId && event['state_key'] === GHOST),
    )
    expect(invite).toMatchObject({ content: { membership: 'invite' } })
    const state = (invite['unsigned'] as Json)['invite_room_state'] as Json[]
    expect(state).toContainEqual(
      expect.objectContaining({ type: 'm.room.name', content: { name: 'Secret' } }),
    )
    await person.say(roomId, 'not for those who are only invited')
    const elsewhere = await portal()
    await told(bridge, await person.say(elsewhere, 'end'))
    expect(messagesIn(bridge, roomId)).toEqual([])
  })

  test('a room is told by its alias, whether that came first or later, and nobody of the service is in it', async () => {
    const early = await person.createRoom({ room_alias_name: 'logged_early', preset: 'public_chat' })
    const late = await person.createRoom({ preset: 'public_chat' })
    await person.say(late, 'before it has the alias')
    // Who is told is decided when an event is looked at: a service that lags would be told what came before as well.
    await told(logger, await person.say(early, 'zero'))
    const place = `/directory/room/${encodeURIComponent('#logged_late:here.test')}`
    await person.call('PUT', place, { room_id: late })
    await person.say(early, 'one')
    await told(logger, await person.say(late, 'two'))
    expect(messagesIn(logger, early)).toEqual(['zero', 'one'])
    expect(messagesIn(logger, late)).toEqual(['two'])
    await person.call('DELETE', place)
    await person.say(late, 'after it had the alias')
    await told(logger, await person.say(early, 'three'))
    expect(messagesIn(logger, late)).toEqual(['two'])
    expect(eventsOf(bridge).filter((event) => event['room_id'] === early)).toEqual([])
  })
})

describe('a service that fails', () => {
  test('is sent the same transaction again, and nothing out of order', async () => {
    const roomId = await portal()
    await told(bridge, await person.say(roomId, 'ready'))
    let failures = 2
    bridge.handle(() => ({ status: failures-- > 0 ? 503 : 200 }))
    const before = bridge.requests.length
    await person.say(roomId, 'one')
    await eventually('the first attempt', () => bridge.requests.length > before)
    for (const body of ['two', 'three']) await person.say(roomId, body)
    await told(bridge, await person.say(roomId, 'four'))
    const attempts = bridge.requests
      .slice(before)
      .filter(({ path }) => path.startsWith('/_matrix/app/v1/transactions/'))
    expect(attempts.slice(0, 3).map(transactionId)).toEqual(Array(3).fill(transactionId(attempts[0]!)))
    expect(new Set(attempts.slice(0, 3).map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(messagesIn(bridge, roomId)).toEqual(['ready', 'one', 'two', 'three', 'four'])
  })

  test('is told what it missed by the memberships of then', async () => {
    const roomId = await person.createRoom({ preset: 'public_chat' })
    bridge.handle(() => ({ status: 502 }))
    const away = await portal()
    await person.say(away, 'something to fail with')
    await eventually('a failure', () => bridge.requests.at(-1)?.path.includes('transactions'))
    await person.say(roomId, 'too early')
    await ghost.join(roomId)
    for (let count = 0; count < 250; count++) await person.say(roomId, `missed ${count}`)
    await person.call('POST', `/rooms/${encodeURIComponent(roomId)}/kick`, { user_id: GHOST })
    await person.say(roomId, 'too late')
    bridge.handle(() => ({ status: 200 }))
    await told(bridge, await person.say(away, 'end'))
    expect(messagesIn(bridge, roomId)).toEqual(Array.from({ length: 250 }, (_, count) => `missed ${count}`))
    const sizes = transactionsOf(bridge).map(({ body }) => (body['events'] as Json[]).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100)
    const ids = eventsOf(bridge).map((event) => event['event_id'])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('that only knows the old paths is called by them, with the token where it looks for it', async () => {
    const roomId = await portal()
    await told(bridge, await person.say(roomId, 'ready'))
    bridge.handle(({ path }) => ({ status: path.startsWith('/_matrix/') ? 404 : 200 }))
    const before = bridge.requests.length
    await person.say(roomId, 'one')
    await eventually('both attempts', () => bridge.requests.length >= before + 2)
    const [first, second] = bridge.requests.slice(before)
    expect(first?.path).toMatch(/^\/_matrix\/app\/v1\/transactions\//)
    expect(second?.path).toMatch(/^\/transactions\//)
    expect(second?.query.get('access_token')).toBe(bridge.hsToken)
    const eventId = await person.say(roomId, 'two')
    const request = await eventually('the second', () =>
      bridge.requests.find(({ body }) => JSON.stringify(body).includes(eventId)),
    )
    expect(request.path).toMatch(/^\/transactions\//)
  })
})

describe('ephemeral data', () => {
  const ephemeral = (key: string, find: (event: Json) => boolean) =>
    eventually(key, () => listIn(bridge, key).find(find))

  test('typing is told, under both names where the older was asked for', async () => {
    const roomId = await portal()
    await person.call(
      'PUT',
      `/rooms/${encodeURIComponent(roomId)}/typing/${encodeURIComponent(person.userId)}`,
      { typing: true, timeout: 30_000 },
    )
    const typing = await ephemeral(
      'ephemeral',
      (event) => event['type'] === 'm.typing' && event['room_id'] === roomId,
    )
    expect(typing['content']).toEqual({ user_ids: [person.userId] })
    expect(listIn(bridge, 'de.sorunome.msc2409.ephemeral')).toContainEqual(typing)
  })

  test('receipts are told, private ones of the service’s own users alone', async () => {
    const roomId = await portal()
    const eventId = await person.say(roomId, 'read me')
    const receipt = (client: TestClient, type: string) =>
      client.call(
        'POST',
        `/rooms/${encodeURIComponent(roomId)}/receipt/${type}/${encodeURIComponent(eventId)}`,
        {},
      )
    await receipt(person, 'm.read.private')
    await receipt(ghost, 'm.read.private')
    await receipt(person, 'm.read')
    await ephemeral('ephemeral', (event) => JSON.stringify(event).includes('"m.read":'))
    const told = listIn(bridge, 'ephemeral')
      .filter((event) => event['room_id'] === roomId && event['type'] === 'm.receipt')
      .map((event) => (event['content'] as Record<string, Record<string, Json>>)[eventId]!)
    expect(told.flatMap((of) => Object.keys(of['m.read'] ?? {}))).toEqual([person.userId])
    expect(told.flatMap((of) => Object.keys(of['m.read.private'] ?? {}))).toEqual([GHOST])
  })

  test('presence is told of those who share a room with the service', async () => {
    await portal()
    await person.call('PUT', `/presence/${encodeURIComponent(person.userId)}/status`, {
      presence: 'online',
      status_msg: 'here',
    })
    const presence = await ephemeral('ephemeral', (event) => event['type'] === 'm.presence')
    expect(presence).toMatchObject({
      sender: person.userId,
      content: { presence: 'online', status_msg: 'here' },
    })
    const stranger = await server.register('stranger')
    await stranger.call('PUT', `/presence/${encodeURIComponent(stranger.userId)}/status`, {
      presence: 'online',
    })
    await told(bridge, await person.say(await portal(), 'end'))
    expect(listIn(bridge, 'ephemeral').map((event) => event['sender'])).not.toContain(stranger.userId)
    expect(listIn(logger, 'de.sorunome.msc2409.ephemeral')).toEqual([])
  })
})
