import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAppService, type ActingClient, type TestAppService } from '../support/app-service.ts'
import { eventually } from '../support/eventually.ts'
import { listIn, transactionsOf } from '../support/service-transactions.ts'
import type { Json, TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

// What bridges need to encrypt: MSC3202, MSC4190, and messages to devices by MSC4203.

const GHOST = '@_bridge_anna:here.test'
const COUNTS = 'org.matrix.msc3202.device_one_time_keys_count'
const FALLBACKS = 'org.matrix.msc3202.device_unused_fallback_key_types'
const LISTS = 'org.matrix.msc3202.device_lists'
const TO_DEVICE = 'de.sorunome.msc2409.to_device'

let bridge: TestAppService
let server: TestServer
let person: TestClient
let device: ActingClient

beforeAll(async () => {
  bridge = await startAppService({ 'org.matrix.msc3202': true, 'io.element.msc4190': true })
  server = await startTestServer({ config: { app_service_config_files: [bridge.registrationFile] } })
  person = await server.register('person')
  const bot = bridge.actor(server.url)
  const body = { type: 'm.login.application_service', username: '_bridge_anna', inhibit_login: true }
  await bot.call('POST', '/register', body)
  await bridge.actor(server.url, GHOST).call('PUT', '/devices/GHOSTLY', { display_name: 'Bridge' })
  device = bridge.actor(server.url, GHOST, 'GHOSTLY')
})
afterAll(async () => {
  await server.close()
  await bridge.close()
})

function deviceKeys(userId: string, deviceId: string, key = 'identity'): Json {
  return {
    user_id: userId,
    device_id: deviceId,
    algorithms: ['m.olm.v1.curve25519-aes-sha2'],
    keys: { [`ed25519:${deviceId}`]: key, [`curve25519:${deviceId}`]: 'exchange' },
    signatures: { [userId]: { [`ed25519:${deviceId}`]: 'signature' } },
  }
}
const newest = (key: string) =>
  transactionsOf(bridge)
    .map(({ body }) => body[key] as Record<string, Record<string, unknown>> | undefined)
    .filter((value) => value !== undefined)
    .at(-1)
const send = (client: TestClient, n: number, deviceId = 'GHOSTLY') =>
  client.call('PUT', `/sendToDevice/org.example.test/n${n}`, { messages: { [GHOST]: { [deviceId]: { n } } } })

test('the device publishes keys; what others claim of them is told', async () => {
  await device.call('POST', '/keys/upload', {
    device_keys: deviceKeys(GHOST, 'GHOSTLY'),
    one_time_keys: {
      'signed_curve25519:A': { key: 'a', signatures: {} },
      'signed_curve25519:B': { key: 'b', signatures: {} },
    },
    fallback_keys: { 'signed_curve25519:F': { key: 'f', fallback: true, signatures: {} } },
  })
  const claim = () =>
    person.call('POST', '/keys/claim', { one_time_keys: { [GHOST]: { GHOSTLY: 'signed_curve25519' } } })
  await claim()
  await eventually(
    'one key left',
    () => JSON.stringify(newest(COUNTS)?.[GHOST]) === '{"GHOSTLY":{"signed_curve25519":1}}',
  )
  expect(newest(FALLBACKS)?.[GHOST]).toEqual({ GHOSTLY: ['signed_curve25519'] })
  await claim()
  await claim()
  await eventually(
    'the fallback key used',
    () => JSON.stringify(newest(FALLBACKS)?.[GHOST]) === '{"GHOSTLY":[]}',
  )
  expect(newest(COUNTS)?.[GHOST]).toEqual({ GHOSTLY: { signed_curve25519: 0 } })
})

test('messages come by transaction, once, in order and addressed, and leave the inbox', async () => {
  for (let n = 0; n < 150; n++) await send(person, n)
  const messages = await eventually('all messages', () => {
    const list = listIn(bridge, TO_DEVICE)
    return list.length >= 150 && list
  })
  expect(messages.map(({ content }) => (content as Json)['n'])).toEqual(
    Array.from({ length: 150 }, (_, n) => n),
  )
  expect(messages[0]).toEqual({
    type: 'org.example.test',
    sender: person.userId,
    content: { n: 0 },
    to_user_id: GHOST,
    to_device_id: 'GHOSTLY',
  })
  const largest = transactionsOf(bridge).map(({ body }) => ((body[TO_DEVICE] ?? []) as Json[]).length)
  expect(Math.max(...largest)).toBeLessThanOrEqual(100)
  expect((await device.sync())['to_device']).toEqual({ events: [] })
})

test('messages for devices of other users, and unknown ones, are not told', async () => {
  const before = listIn(bridge, TO_DEVICE).length
  await person.call('PUT', '/sendToDevice/org.example.test/own', {
    messages: { [person.userId]: { '*': { n: 'own' } }, [GHOST]: { UNKNOWN: { n: 'lost' } } },
  })
  await send(person, 1_000)
  await eventually('the end', () => JSON.stringify(listIn(bridge, TO_DEVICE)).includes('"n":1000'))
  expect(listIn(bridge, TO_DEVICE).length).toBe(before + 1)
})

test('a service that fails gets the same messages again', async () => {
  let failures = 1
  bridge.handle(() => ({ status: failures-- > 0 ? 500 : 200 }))
  await send(person, 2_000)
  await eventually(
    'two attempts',
    () => bridge.requests.filter(({ body }) => JSON.stringify(body).includes('"n":2000')).length > 1,
  )
  await send(person, 2_001)
  await eventually('the next', () => JSON.stringify(listIn(bridge, TO_DEVICE)).includes('"n":2001'))
  expect(listIn(bridge, TO_DEVICE).filter(({ content }) => (content as Json)['n'] === 2_000)).toHaveLength(1)
})

test('changes of device lists are told of those who share a room, and departures', async () => {
  const stranger = await server.register('stranger')
  const changed = () =>
    transactionsOf(bridge).flatMap(
      ({ body }) => ((body[LISTS] as Json | undefined)?.['changed'] ?? []) as string[],
    )
  const left = () =>
    transactionsOf(bridge).flatMap(
      ({ body }) => ((body[LISTS] as Json | undefined)?.['left'] ?? []) as string[],
    )
  const upload = (client: TestClient, key: string) =>
    client.call('POST', '/keys/upload', { device_keys: deviceKeys(client.userId, client.deviceId, key) })
  const roomId = await person.createRoom({ preset: 'public_chat' })
  await device.join(roomId)
  await eventually('who is in the room that the ghost has come to', () => changed().includes(person.userId))
  const known = changed().length
  await upload(stranger, 'one')
  await upload(person, 'one')
  await eventually('the change', () => changed().length > known)
  expect(changed()).not.toContain(stranger.userId)
  await stranger.join(roomId)
  await eventually('the join', () => changed().includes(stranger.userId))
  await stranger.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
  await eventually('the departure', () => left().includes(stranger.userId))
  expect(left()).not.toContain(person.userId)
})

test('cross-signing keys are uploaded and replaced without a proof', async () => {
  const ghost = bridge.actor(server.url, GHOST)
  for (const [index, key] of ['b25l', 'dHdv'].entries()) {
    const publicKey = Buffer.alloc(32, key).toString('base64').replace(/=+$/, '')
    const master = { user_id: GHOST, usage: ['master'], keys: { [`ed25519:${publicKey}`]: publicKey } }
    const answer = await ghost.request('POST', '/_matrix/client/v3/keys/device_signing/upload', {
      master_key: master,
    })
    expect([index, answer.status]).toEqual([index, 200])
  }
})
