import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAppService, type TestAppService } from '../support/app-service.ts'
import { eventually } from '../support/eventually.ts'
import { startMortalServer, type MortalServer } from '../support/mortal-server.ts'
import {
  eventsOf,
  listIn,
  messagesIn,
  transactionId,
  transactionsOf,
} from '../support/service-transactions.ts'
import { TestClient, type Json } from '../support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'

let database: TestDatabase
let bridge: TestAppService
let server: MortalServer

const start = () =>
  startMortalServer(database.address, { app_service_config_files: [bridge.registrationFile] })

beforeAll(async () => {
  database = await createTestDatabase()
  bridge = await startAppService({
    'de.sorunome.msc2409.push_ephemeral': true,
    'org.matrix.msc3202': true,
    'io.element.msc4190': true,
  })
  server = await start()
})
afterAll(async () => {
  await server.close()
  await bridge.close()
  await database.close()
})

test('SIGKILL in the middle of transactions loses nothing, and the one under way comes again as it was', async () => {
  const person = new TestClient(server.url)
  await person.register('person')
  const roomId = await person.createRoom({ preset: 'public_chat' })
  await bridge.actor(server.url).join(roomId)
  const said: string[] = []
  for (let round = 0; round < 2; round++) {
    const speaker = new TestClient(server.url)
    speaker.token = person.token
    const held = bridge.requests.length
    // It has the transaction and never says so.
    bridge.handle(() => new Promise(() => {}))
    for (let count = 0; count < 20; count++) {
      said.push(`${round}-${count}`)
      await speaker.say(roomId, said.at(-1)!, `t${round}-${count}`)
    }
    const first = await eventually('a transaction that is not answered', () => bridge.requests[held])
    await server.kill9()
    const before = bridge.requests.length
    bridge.handle(() => ({ status: 200 }))
    server = await start()
    const again = await eventually('the transaction again', () => bridge.requests[before])
    expect([transactionId(again), again.body]).toEqual([transactionId(first), first.body])
  }
  await eventually('everything', () => messagesIn(bridge, roomId).length >= said.length)
  expect(messagesIn(bridge, roomId)).toEqual(said)
}, 120_000)

test('a bridge that was away over a SIGKILL is told of messages, devices and how far people have read', async () => {
  bridge.handle(() => ({ status: 200 }))
  const ghostId = '@_bridge_zoe:here.test'
  const body = { type: 'm.login.application_service', username: '_bridge_zoe', inhibit_login: true }
  await bridge.actor(server.url).call('POST', '/register', body)
  const ghost = bridge.actor(server.url, ghostId)
  await ghost.call('PUT', '/devices/GHOSTLY', {})
  const person = new TestClient(server.url)
  await person.register('reader')
  const roomId = await person.createRoom({ preset: 'public_chat' })
  await ghost.join(roomId)
  const early = await person.say(roomId, 'before')
  await eventually('all before', () => messagesIn(bridge, roomId).length === 1)

  bridge.handle(() => ({ status: 503 }))
  const late = await person.say(roomId, 'while it is away')
  await eventually('a failure', () => bridge.requests.filter(isAbout(late)).length > 0)
  const read = (eventId: string, type = 'm.read') => {
    const place = `/rooms/${encodeURIComponent(roomId)}/receipt/${type}/${encodeURIComponent(eventId)}`
    return person.call('POST', place, {})
  }
  await read(early)
  await read(late)
  await read(late, 'm.read.private')
  await person.call('PUT', '/sendToDevice/org.example.test/t1', {
    messages: { [ghostId]: { GHOSTLY: { n: 1 } } },
  })
  await person.call('POST', '/keys/upload', {
    device_keys: {
      user_id: person.userId,
      device_id: person.deviceId,
      algorithms: ['m.olm.v1.curve25519-aes-sha2'],
      keys: { [`ed25519:${person.deviceId}`]: 'identity' },
      signatures: {},
    },
  })
  await server.kill9()
  const before = transactionsOf(bridge).length
  bridge.handle(() => ({ status: 200 }))
  server = await start()

  const since = (key: string): Json[] =>
    transactionsOf(bridge)
      .slice(before - 1)
      .flatMap(({ body: told }) => (told[key] ?? []) as Json[])
  const receipts = await eventually('the receipt', () => {
    const told = since('ephemeral').filter(({ type }) => type === 'm.receipt')
    return told.length > 0 && told
  })
  expect(receipts).toEqual([
    {
      type: 'm.receipt',
      room_id: roomId,
      content: { [late]: { 'm.read': { [person.userId]: { ts: expect.any(Number) } } } },
    },
  ])
  await eventually('the message', () => listIn(bridge, 'de.sorunome.msc2409.to_device').length === 1)
  await eventually('the device', () =>
    transactionsOf(bridge)
      .slice(before)
      .some(({ body: told }) =>
        JSON.stringify(told['org.matrix.msc3202.device_lists'] ?? '').includes(person.userId),
      ),
  )
  expect(eventsOf(bridge).filter(({ event_id: eventId }) => eventId === late)).toHaveLength(1)
}, 120_000)

const isAbout = (eventId: string) => (request: { body: Json }) =>
  JSON.stringify(request.body).includes(eventId)
