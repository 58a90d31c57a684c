import { expect, test } from 'vitest'
import { startRegionPair } from '../support/region-pair.ts'
import { TestClient, type Json } from '../support/test-client.ts'

const KEYS = 20
const CLAIMS = 50
const FALLBACK = 'signed_curve25519:F'

async function register(url: string, name: string): Promise<TestClient> {
  const client = new TestClient(url)
  await client.register(name)
  return client
}

function claim(by: TestClient, from: TestClient, timeout?: number): Promise<Json> {
  const wanted = { [from.userId]: { [from.deviceId]: 'signed_curve25519' } }
  return by.call('POST', '/keys/claim', { one_time_keys: wanted, ...(timeout !== undefined && { timeout }) })
}

function idsIn(answer: Json, { userId, deviceId }: TestClient): string[] {
  const users = answer['one_time_keys'] as Record<string, Record<string, Json>>
  return Object.keys(users[userId]?.[deviceId] ?? {})
}

test('fifty claims at once, by two servers, share out twenty one-time keys; other keys are found', async () => {
  await using pair = await startRegionPair()
  await pair.withLogs(async () => {
    const [alice, bob, berta] = [
      await register(pair.north.url, 'alice'),
      await register(pair.south.url, 'bob'),
      await register(pair.south.url, 'berta'),
    ]
    const names = Array.from({ length: KEYS }, (_, index) => `signed_curve25519:${index}`)
    await bob.call('POST', '/keys/upload', {
      one_time_keys: Object.fromEntries(names.map((name) => [name, { key: name, signatures: {} }])),
      fallback_keys: { [FALLBACK]: { key: 'fallback', signatures: {} } },
    })
    const first = await bob.sync()
    expect(first).toMatchObject({
      device_one_time_keys_count: { signed_curve25519: KEYS },
      device_unused_fallback_key_types: ['signed_curve25519'],
    })
    const claims = await Promise.all(
      Array.from({ length: CLAIMS }, (_, index) => claim(index % 5 === 0 ? berta : alice, bob)),
    )
    const ids = claims.flatMap((answer) => idsIn(answer, bob))
    expect(ids).toHaveLength(CLAIMS)
    expect(ids.filter((id) => id !== FALLBACK).toSorted()).toEqual(names.toSorted())
    expect(await bob.sync({ since: String(first['next_batch']), timeout: '10000' })).toMatchObject({
      device_one_time_keys_count: { signed_curve25519: 0 },
      device_unused_fallback_key_types: [],
    })

    const deviceKeys = {
      user_id: bob.userId,
      device_id: bob.deviceId,
      algorithms: ['m.olm.v1.curve25519-aes-sha2'],
      keys: { [`ed25519:${bob.deviceId}`]: 'identity' },
      signatures: { [bob.userId]: { [`ed25519:${bob.deviceId}`]: 'signature' } },
    }
    await bob.call('POST', '/keys/upload', { device_keys: deviceKeys })
    const found = await alice.call('POST', '/keys/query', { device_keys: { [bob.userId]: [] } })
    expect(found).toMatchObject({
      device_keys: { [bob.userId]: { [bob.deviceId]: deviceKeys } },
      failures: {},
    })

    pair.cut()
    const cut = await claim(alice, bob, 2_000)
    expect(cut).toMatchObject({ one_time_keys: {}, failures: { 'south.test': { status: 503 } } })
  })
}, 120_000)
