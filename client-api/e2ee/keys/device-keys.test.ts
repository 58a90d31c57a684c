import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../../spec-tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())

function deviceKeys({ userId, deviceId }: TestClient): Json {
  return {
    user_id: userId,
    device_id: deviceId,
    algorithms: ['m.olm.v1.curve25519-aes-sha2'],
    keys: { [`ed25519:${deviceId}`]: 'identity', [`curve25519:${deviceId}`]: 'exchange' },
    signatures: { [userId]: { [`ed25519:${deviceId}`]: 'signature' } },
  }
}

const oneTimeKey = (name: string): Json => ({ key: name, signatures: {} })
const upload = (user: TestClient, body: Json) => user.request('POST', '/_matrix/client/v3/keys/upload', body)

async function claim(user: TestClient, from: TestClient): Promise<Json | undefined> {
  const wanted = { [from.userId]: { [from.deviceId]: 'signed_curve25519' } }
  const answer = await user.call('POST', '/keys/claim', { one_time_keys: wanted })
  const keys = answer['one_time_keys'] as Record<string, Record<string, Json>>
  return keys[from.userId]?.[from.deviceId]
}

describe('device keys', () => {
  it('are given to whoever asks, with the name of the device', async () => {
    const [alice, bob] = [await server.register('alice'), await server.register('bob')]
    expect((await upload(alice, { device_keys: { ...deviceKeys(alice), unsigned: { x: 1 } } })).body).toEqual(
      {
        one_time_key_counts: { signed_curve25519: 0 },
      },
    )
    await alice.call('PUT', `/devices/${alice.deviceId}`, { display_name: 'Phone\0' })
    const wanted = { [alice.userId]: [], [bob.userId]: [], '@nobody:here.test': [], rubbish: [] }
    const answer = await bob.call('POST', '/keys/query', { device_keys: wanted })
    expect(answer).toEqual({
      device_keys: {
        [alice.userId]: {
          [alice.deviceId]: { ...deviceKeys(alice), unsigned: { device_display_name: 'Phone\0' } },
        },
        [bob.userId]: {},
        '@nobody:here.test': {},
      },
      master_keys: {},
      self_signing_keys: {},
      user_signing_keys: {},
      failures: {},
    })
    const named = { [alice.userId]: ['OTHER'] }
    expect((await bob.call('POST', '/keys/query', { device_keys: named }))['device_keys']).toEqual({
      [alice.userId]: {},
    })
  })

  it('must be those of the device, in the form of the specification', async () => {
    const carol = await server.register('carol')
    const sound = deviceKeys(carol)
    const wrong: Json[] = [
      { user_id: '@other:here.test' },
      { device_id: 'OTHER' },
      { algorithms: 'x' },
      { algorithms: [1] },
      { keys: { 'ed25519:OTHER': 'x' } },
      { keys: { [`ed25519:${carol.deviceId}`]: 7 } },
      { keys: null },
      { signatures: undefined },
      { signatures: { [carol.userId]: 'x' } },
      { extra: 1.5 },
      { extra: '\ud800' },
      { extra: 'x'.repeat(20_000) },
    ]
    for (const change of wrong) {
      const answer = await upload(carol, { device_keys: { ...sound, ...change } })
      expect([answer.status, answer.body['errcode']]).toEqual([
        400,
        expect.stringMatching(/^M_(BAD_JSON|INVALID_PARAM|TOO_LARGE)$/),
      ])
    }
    const found = await carol.call('POST', '/keys/query', { device_keys: { [carol.userId]: [] } })
    expect(found['device_keys']).toEqual({ [carol.userId]: {} })
  })

  it('go with the device', async () => {
    const dave = await server.register('dave')
    await upload(dave, { device_keys: deviceKeys(dave), one_time_keys: { 'signed_curve25519:A': 'a' } })
    const watcher = await server.register('watcher')
    await dave.call('POST', '/logout', {})
    const found = await watcher.call('POST', '/keys/query', { device_keys: { [dave.userId]: [] } })
    expect(found['device_keys']).toEqual({ [dave.userId]: {} })
    expect(await claim(watcher, dave)).toBeUndefined()
  })
})

describe('one-time keys', () => {
  it('are given out once each, in the order of upload, then the fallback key', async () => {
    const [erin, frank] = [await server.register('erin'), await server.register('frank')]
    await upload(erin, { one_time_keys: { 'signed_curve25519:Z': oneTimeKey('first') } })
    const { body } = await upload(erin, {
      one_time_keys: {
        'signed_curve25519:A': oneTimeKey('second'),
        'signed_curve25519:Z': oneTimeKey('first'),
      },
      fallback_keys: { 'signed_curve25519:F': { ...oneTimeKey('last'), fallback: true } },
    })
    expect(body).toEqual({ one_time_key_counts: { signed_curve25519: 2 } })
    expect(await claim(frank, erin)).toEqual({ 'signed_curve25519:Z': oneTimeKey('first') })
    expect(await claim(frank, erin)).toEqual({ 'signed_curve25519:A': oneTimeKey('second') })
    for (let times = 0; times < 2; times++) {
      expect(await claim(frank, erin)).toEqual({
        'signed_curve25519:F': { ...oneTimeKey('last'), fallback: true },
      })
    }
    expect(await erin.sync()).toMatchObject({
      device_one_time_keys_count: { signed_curve25519: 0 },
      device_unused_fallback_key_types: [],
    })
  })

  it('are refused where the id has another key, and then nothing is stored', async () => {
    const gina = await server.register('gina')
    await upload(gina, { one_time_keys: { 'signed_curve25519:A': oneTimeKey('a') } })
    const mixed = { 'signed_curve25519:B': oneTimeKey('b'), 'signed_curve25519:A': oneTimeKey('other') }
    const answer = await upload(gina, { one_time_keys: mixed })
    expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_INVALID_PARAM'])
    expect((await upload(gina, {})).body).toEqual({ one_time_key_counts: { signed_curve25519: 1 } })
  })

  it('are refused in other forms and in too great numbers', async () => {
    const hans = await server.register('hans')
    const many = (count: number, from = 0): Json =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`x:${from + index}`, 'k']))
    const wrong = [
      { x: 'k' },
      { 'x:': 'k' },
      { 'x:\0': 'k' },
      { 'x:1': 7 },
      { 'x:1': {} },
      { 'x:1': 'k'.repeat(5_000) },
    ]
    for (const keys of [...wrong, many(501)]) {
      expect((await upload(hans, { one_time_keys: keys })).status).toBe(400)
      expect((await upload(hans, { fallback_keys: keys })).status).toBe(400)
    }
    await upload(hans, { one_time_keys: many(500) })
    expect((await upload(hans, { one_time_keys: many(500, 500) })).status).toBe(200)
    expect((await upload(hans, { one_time_keys: many(1, 1_000) })).body['errcode']).toBe('M_TOO_LARGE')
  })

  it('go to fifty claims at once as twenty different keys, and the fallback key for the rest', async () => {
    const [ines, jana] = [await server.register('ines'), await server.register('jana')]
    const keys = Array.from({ length: 20 }, (_, index) => [
      `signed_curve25519:${index}`,
      oneTimeKey(`k${index}`),
    ])
    await upload(ines, {
      one_time_keys: Object.fromEntries(keys) as Json,
      fallback_keys: { 'signed_curve25519:F': oneTimeKey('fallback') },
    })
    const claimed = await Promise.all(Array.from({ length: 50 }, () => claim(jana, ines)))
    const ids = claimed.flatMap((key) => Object.keys(key ?? {}))
    expect(ids).toHaveLength(50)
    expect(new Set(ids.filter((id) => id !== 'signed_curve25519:F')).size).toBe(20)
    expect(ids.filter((id) => id === 'signed_curve25519:F')).toHaveLength(30)
  })

  it('that are claimed wake the device with the new count', async () => {
    const [kurt, lena] = [await server.register('kurt'), await server.register('lena')]
    await upload(kurt, {
      one_time_keys: { 'signed_curve25519:A': oneTimeKey('a'), 'signed_curve25519:B': oneTimeKey('b') },
      fallback_keys: { 'signed_curve25519:F': oneTimeKey('f') },
    })
    const first = await kurt.sync()
    expect(first).toMatchObject({
      device_one_time_keys_count: { signed_curve25519: 2 },
      device_unused_fallback_key_types: ['signed_curve25519'],
    })
    const waiting = kurt.sync({ since: String(first['next_batch']), timeout: '20000' })
    await claim(lena, kurt)
    const next = await waiting
    expect(next['device_one_time_keys_count']).toEqual({ signed_curve25519: 1 })
    const quiet = await kurt.sync({ since: String(next['next_batch']), timeout: '0' })
    expect(quiet['device_one_time_keys_count']).toEqual({ signed_curve25519: 1 })
  })
})
