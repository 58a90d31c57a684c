import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../../spec-tests/support/test-server.ts'
import { sendTo } from '../to-device/to-device.fixture.ts'

const PATH = '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device'
const FIRST = 'Rn4/+curve25519'
const DATA = { algorithm: 'org.matrix.msc3814.v1.olm', device_pickle: 'p', nul: '\0' }

let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob', 'PHONE')
})
afterAll(() => server.close())

function device(deviceId: string, userId = bob.userId): Json {
  return {
    device_id: deviceId,
    device_data: DATA,
    initial_device_display_name: 'Dehydrated',
    device_keys: {
      user_id: userId,
      device_id: deviceId,
      algorithms: ['m.olm.v1.curve25519-aes-sha2'],
      dehydrated: true,
      keys: { [`ed25519:${deviceId}`]: 'identity', [`curve25519:${deviceId}`]: 'exchange' },
      signatures: { [userId]: { [`ed25519:${deviceId}`]: 'signature' } },
    },
    one_time_keys: { 'signed_curve25519:A': { key: deviceId, signatures: {} } },
    fallback_keys: { 'signed_curve25519:F': { key: 'fallback', fallback: true, signatures: {} } },
  }
}

const events = (deviceId: string, nextBatch?: unknown) =>
  bob.request('POST', `${PATH}/${encodeURIComponent(deviceId)}/events`, { next_batch: nextBatch })
const devicesOfBob = async () => {
  const answer = await alice.call('POST', '/keys/query', { device_keys: { [bob.userId]: [] } })
  return Object.keys((answer['device_keys'] as Record<string, Json>)[bob.userId]!)
}
const claim = async (deviceId: string) => {
  const wanted = { [bob.userId]: { [deviceId]: 'signed_curve25519' } }
  return (await alice.call('POST', '/keys/claim', { one_time_keys: wanted }))['one_time_keys']
}

it('takes messages while its user is away, and gives them as often as they are asked for', async () => {
  expect((await bob.request('GET', PATH)).body['errcode']).toBe('M_NOT_FOUND')
  const since = String((await alice.sync({ timeout: '0' }))['next_batch'])
  expect((await bob.request('PUT', PATH, device(FIRST))).body).toEqual({ device_id: FIRST })
  expect((await bob.request('GET', PATH)).body).toEqual({ device_id: FIRST, device_data: DATA })
  expect(await devicesOfBob()).toEqual([FIRST])
  expect(await claim(FIRST)).toMatchObject({ [bob.userId]: { [FIRST]: { 'signed_curve25519:A': {} } } })
  expect(await claim(FIRST)).toMatchObject({ [bob.userId]: { [FIRST]: { 'signed_curve25519:F': {} } } })
  for (let n = 1; n <= 150; n++) await sendTo(alice, { [bob.userId]: { [n % 2 ? FIRST : '*']: { n } } })
  for (const _ of [1, 2]) {
    const seen: unknown[] = []
    for (let token: unknown; ;) {
      const { body } = await events(FIRST, token)
      const page = body['events'] as { content: Json }[]
      seen.push(...page.map(({ content }) => content['n']))
      if (page.length === 0) break
      token = body['next_batch']
    }
    expect(seen).toEqual(Array.from({ length: 150 }, (_, index) => index + 1))
  }
  expect((await alice.sync({ since, timeout: '0' }))['to_device']).toEqual({ events: [] })
})

it('gives way to the next one, with its keys and messages', async () => {
  const names = ['second', 'third', 'fourth']
  await Promise.all(names.map((name) => bob.request('PUT', PATH, device(name))))
  const current = String((await bob.request('GET', PATH)).body['device_id'])
  expect(await devicesOfBob()).toEqual([current])
  expect((await events(FIRST)).body['errcode']).toBe('M_FORBIDDEN')
  expect((await events('PHONE')).body['errcode']).toBe('M_FORBIDDEN')
  await sendTo(alice, { [bob.userId]: { [current]: { n: 1 } } })
  // The same id again is a new device.
  expect((await bob.request('PUT', PATH, device(current))).status).toBe(200)
  expect((await events(current)).body).toEqual({ events: [], next_batch: '0' })
  expect((await bob.request('DELETE', PATH)).body).toEqual({ device_id: current })
  expect(await devicesOfBob()).toEqual([])
  expect((await bob.request('DELETE', PATH)).status).toBe(404)
  expect((await events(current)).status).toBe(404)
})

it('is refused where it is not right, and nothing of it stays', async () => {
  const good = device('good')
  const { device_keys: _keys, ...keyless } = good
  for (const [body, status] of [
    [keyless, 400],
    [{ ...good, device_id: 'PHONE' }, 400],
    [{ ...good, device_id: 'nul\0' }, 400],
    [{ ...good, device_id: 7 }, 400],
    [{ ...good, device_data: 'x' }, 400],
    [{ ...good, device_data: { x: 'x'.repeat(70_000) } }, 413],
    [{ ...good, initial_device_display_name: 'x'.repeat(101) }, 400],
    [{ ...good, device_keys: {} }, 400],
    [device('good', alice.userId), 400],
    [{ ...good, one_time_keys: [] }, 400],
  ] as const) {
    expect([(await bob.request('PUT', PATH, body)).status, body]).toEqual([status, body])
  }
  const { devices } = await bob.call('GET', '/devices')
  expect(devices).toHaveLength(1)
  await bob.request('PUT', PATH, good)
  expect((await events('good', 'x')).status).toBe(400)
})
