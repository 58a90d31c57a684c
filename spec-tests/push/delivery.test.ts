import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { pusherFor, startPushGateway, type PushGateway } from '../support/push-gateway.ts'
import type { TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

let server: TestServer
let gateway: PushGateway
let alice: TestClient
let bob: TestClient
let room: string
let count = 0
beforeAll(async () => {
  gateway = await startPushGateway()
  server = await startTestServer({
    config: { push: { allow_insecure_gateways: true, quiet_while_active: '0s', group_interval: '0s' } },
  })
})
afterAll(async () => {
  await server.close()
  await gateway.close()
})
beforeEach(async () => {
  count += 1
  alice = await server.register(`alice${count}`)
  bob = await server.register(`bob${count}`)
  const name = `/profile/${encodeURIComponent(alice.userId)}/displayname`
  await alice.call('PUT', name, { displayname: `Alice ${count}` })
  room = await alice.createRoom({ preset: 'private_chat', name: 'Mission Control', invite: [bob.userId] })
  await bob.join(room)
})

const key = (): string => `key${count}`

async function listens(client: TestClient = bob, pushkey = key(), data: object = {}): Promise<void> {
  await client.call('POST', '/pushers/set', pusherFor(gateway, pushkey, data))
}

function read(client: TestClient, eventId: string): Promise<unknown> {
  const path = `/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(eventId)}`
  return client.call('POST', path, {})
}

it('tells of a message in full, with names, tweaks, counts and the data of the pusher', async () => {
  await listens(bob, key(), { custom: { a: 1 } })
  const eventId = await alice.say(room, 'hello')
  expect(await gateway.told(key(), eventId)).toEqual({
    event_id: eventId,
    room_id: room,
    type: 'm.room.message',
    sender: alice.userId,
    sender_display_name: `Alice ${count}`,
    room_name: 'Mission Control',
    prio: 'high',
    content: { msgtype: 'm.text', body: 'hello' },
    counts: { unread: 1 },
    devices: [
      {
        app_id: 'org.example.app',
        pushkey: key(),
        pushkey_ts: expect.any(Number),
        data: { custom: { a: 1 } },
        tweaks: { sound: 'default' },
      },
    ],
  })
})

it('tells the event id alone where that is wanted', async () => {
  await listens(bob, key(), { format: 'event_id_only', default_payload: { aps: {} } })
  const eventId = await alice.say(room, 'secret')
  expect(await gateway.told(key(), eventId)).toEqual({
    event_id: eventId,
    room_id: room,
    prio: 'high',
    counts: { unread: 1 },
    devices: [
      {
        app_id: 'org.example.app',
        pushkey: key(),
        pushkey_ts: expect.any(Number),
        data: { format: 'event_id_only', default_payload: { aps: {} } },
      },
    ],
  })
})

it('tells of what the rules notify of alone, mentions with their tweaks', async () => {
  const carol = await server.register(`carol${count}`)
  await alice.call('POST', `/rooms/${encodeURIComponent(room)}/invite`, { user_id: carol.userId })
  await carol.join(room)
  await listens()
  await listens(carol, `${key()}c`)
  await alice.send(room, 'm.room.message', { msgtype: 'm.notice', body: 'a notice' })
  await bob.say(room, 'my own')
  const plain = await alice.say(room, 'plain')
  const mention = await alice.send(room, 'm.room.message', {
    msgtype: 'm.text',
    body: 'Bob!',
    'm.mentions': { user_ids: [bob.userId] },
  })
  const toRoom = await alice.send(room, 'm.room.message', {
    msgtype: 'm.text',
    body: 'all!',
    'm.mentions': { room: true },
  })
  await gateway.told(`${key()}c`, toRoom)
  await gateway.told(key(), toRoom)
  const told = await gateway.eventsOf(key())
  expect(told.map(({ event_id, prio, devices }) => [event_id, prio, devices[0]!['tweaks']])).toEqual([
    [plain, 'low', {}],
    [mention, 'high', { highlight: true, sound: 'default' }],
    [toRoom, 'high', { highlight: true }],
  ])
  const others = await gateway.eventsOf(`${key()}c`)
  expect(others.map(({ event_id, devices }) => [event_id, devices[0]!['tweaks']])).toEqual([
    [expect.any(String), {}],
    [plain, {}],
    [mention, {}],
    [toRoom, { highlight: true }],
  ])
})

it('follows the rules of a user: muted rooms, keywords, ignored users', async () => {
  await listens()
  await bob.call('PUT', `/pushrules/global/room/${encodeURIComponent(room)}`, { actions: [] })
  await bob.call('PUT', '/pushrules/global/content/cake', {
    pattern: 'cake',
    actions: ['notify', { set_tweak: 'sound', value: 'yum' }],
  })
  await alice.say(room, 'nothing')
  const cake = await alice.say(room, 'there is cake')
  const told = await gateway.told(key(), cake)
  expect(told.devices[0]!['tweaks']).toEqual({ sound: 'yum' })
  expect(await gateway.eventsOf(key())).toHaveLength(1)
  const path = `/user/${encodeURIComponent(bob.userId)}/account_data/m.ignored_user_list`
  await bob.call('PUT', path, { ignored_users: { [alice.userId]: {} } })
  await alice.say(room, 'more cake')
  const carol = await server.register(`carol${count}`)
  await alice.call('POST', `/rooms/${encodeURIComponent(room)}/invite`, { user_id: carol.userId })
  await carol.join(room)
  const last = await carol.say(room, 'the last cake')
  await gateway.told(key(), last)
  expect((await gateway.eventsOf(key())).map(({ event_id }) => event_id)).toEqual([cake, last])
})

it('tells of invites, and counts them', async () => {
  await listens()
  const other = await alice.createRoom({ name: 'Elsewhere', invite: [bob.userId] })
  const invite = await eventually('the invite', async () =>
    (await gateway.eventsOf(key())).find(({ room_id }) => room_id === other),
  )
  expect(invite).toMatchObject({
    type: 'm.room.member',
    user_is_target: true,
    room_name: 'Elsewhere',
    counts: { unread: 1 },
  })
})

it('a room that was left, and what was said before a join, are not told of', async () => {
  const other = await alice.createRoom({ preset: 'public_chat' })
  await listens()
  await alice.say(other, 'before')
  await bob.join(other)
  const after = await alice.say(other, 'after')
  await gateway.told(key(), after)
  await bob.call('POST', `/rooms/${encodeURIComponent(other)}/leave`, {})
  await alice.say(other, 'gone')
  const last = await alice.say(room, 'here')
  await gateway.told(key(), last)
  expect((await gateway.eventsOf(key())).map(({ event_id }) => event_id)).toEqual([after, last])
})

it('clears the badge once everything is read', async () => {
  await listens()
  const eventId = await alice.say(room, 'read me')
  await gateway.told(key(), eventId)
  await read(bob, eventId)
  const cleared = await eventually('a cleared badge', async () =>
    (await gateway.seen()).received.find(
      ({ notification: { devices, room_id } }) => devices[0]!.pushkey === key() && room_id === undefined,
    ),
  )
  expect(cleared.notification).toMatchObject({ prio: 'low', counts: { unread: 0 } })
})

it('a pusher that is turned off is told nothing, and what is new once it is on again', async () => {
  await listens()
  const off = { ...pusherFor(gateway, key()), 'org.matrix.msc3881.enabled': false }
  await bob.call('POST', '/pushers/set', off)
  await listens(bob, `${key()}b`)
  const unheard = await alice.say(room, 'unheard')
  await gateway.told(`${key()}b`, unheard)
  await bob.call('POST', '/pushers/set', { ...off, 'org.matrix.msc3881.enabled': true })
  const heard = await alice.say(room, 'heard')
  await gateway.told(key(), heard)
  expect((await gateway.eventsOf(key())).map(({ event_id }) => event_id)).toEqual([heard])
})

it('a rejected key loses its pusher', async () => {
  await listens()
  await gateway.behave({ rejected: [key(), 'another'] })
  await alice.say(room, 'hello')
  await eventually('an empty list', async () => {
    const { pushers } = await bob.call('GET', '/pushers')
    return (pushers as readonly unknown[]).length === 0
  })
  await gateway.behave({ rejected: [] })
})

it('tries again while the gateway fails, and loses nothing', async () => {
  await listens()
  await gateway.behave({ status: 503 })
  const sent = [await alice.say(room, 'one'), await alice.say(room, 'two'), await alice.say(room, 'three')]
  const before = (await gateway.seen()).asked
  await eventually('an attempt', async () => (await gateway.seen()).asked > before)
  await gateway.behave({ status: 200 })
  await gateway.told(key(), sent[2]!)
  expect((await gateway.eventsOf(key())).map(({ event_id }) => event_id)).toEqual(sent)
})

it('what is read or redacted before a gateway takes it is not told', async () => {
  await listens()
  await gateway.behave({ status: 500 })
  const before = (await gateway.seen()).asked
  const first = await alice.say(room, 'first')
  const second = await alice.say(room, 'second')
  await eventually('an attempt', async () => (await gateway.seen()).asked > before)
  await read(bob, first)
  await alice.call(
    'PUT',
    `/rooms/${encodeURIComponent(room)}/redact/${encodeURIComponent(second)}/t${count}`,
    {},
  )
  const third = await alice.say(room, 'third')
  await gateway.behave({ status: 200 })
  await gateway.told(key(), third)
  expect((await gateway.eventsOf(key())).map(({ event_id }) => event_id)).toEqual([third])
})
