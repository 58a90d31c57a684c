import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { buildPdu } from '../../protocol/events/build-pdu.ts'
import { verifySignedJson } from '../../protocol/events/verify.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { storeServerKeys } from '../../storage/federation/server-keys.ts'
import { ECHO, miniServer, type MiniServer } from '../test-support/mini-server.ts'
import { privateNetwork, type PrivateNetwork } from '../test-support/private-network.ts'
import { MAX_VALIDITY_MS, type VerifyKey } from './verify-key.ts'
import { verifyPdus } from './verify-pdus.ts'

let network: PrivateNetwork
let notary: MiniServer
const HOUR_MS = 3_600_000

beforeAll(async () => {
  network = await privateNetwork()
  notary = await miniServer(network, 'notary.test')
})
afterAll(async () => {
  await notary.close()
  await network.close()
})

test('keys come from the server itself, are stored, and outlive it', async () => {
  const oldKey = createSigningKey(createSeed(), 'old')
  const expiredTs = Date.now() - HOUR_MS
  const oldKeys = new Map([['ed25519:old', { key: oldKey.publicKeyBase64, expiredTs }]])
  const origin = await miniServer(network, 'origin1.test', { oldKeys })
  const requests = ['ed25519:test', 'ed25519:old', 'ed25519:never'].map((keyId) => ({
    server: 'origin1.test',
    keyId,
    minimumValidUntil: Date.now(),
  }))
  const keys = (await notary.federation.keyRing.keysFor(requests)).get('origin1.test')
  expect(keys?.get('ed25519:test')?.publicKey.equals(origin.signingKey.publicKey)).toBe(true)
  expect(keys?.get('ed25519:old')).toMatchObject({ expiredTs, validUntilTs: expiredTs })
  expect(keys?.has('ed25519:never')).toBe(false)
  await origin.close()

  const other = await miniServer(network, 'other1.test', {
    notaries: [{ serverName: 'notary.test', verifyKeys: undefined }],
  })
  const passedOn = await other.federation.keyRing.keysFor(requests)
  expect(
    passedOn.get('origin1.test')?.get('ed25519:test')?.publicKey.equals(origin.signingKey.publicKey),
  ).toBe(true)
  await other.close()
})

test('a notary counts by its own signature, not by its certificate alone', async () => {
  const origin = await miniServer(network, 'origin2.test')
  await notary.federation.keyRing.keysFor([
    { server: 'origin2.test', keyId: 'ed25519:test', minimumValidUntil: 0 },
  ])
  await origin.close()
  const wrong = createSigningKey(createSeed(), 'test')
  const verifyKeys = new Map([['ed25519:test', wrong.publicKeyBase64]])
  const other = await miniServer(network, 'other2.test', {
    notaries: [{ serverName: 'notary.test', verifyKeys }],
  })
  const keys = await other.federation.keyRing.keysFor([
    { server: 'origin2.test', keyId: 'ed25519:test', minimumValidUntil: 0 },
  ])
  expect(keys.has('origin2.test')).toBe(false)
  await other.close()
})

test('the notary endpoints sign beside the origin', async () => {
  const origin = await miniServer(network, 'origin3.test')
  const { transport } = origin.federation
  const ask = (target: string): Promise<JsonObject> =>
    transport.request('notary.test', { method: 'GET', target, signed: false })
  const byPost = await transport.request('notary.test', {
    method: 'POST',
    target: '/_matrix/key/v2/query',
    body: {
      server_keys: {
        'origin3.test': { 'ed25519:test': {} },
        'gone.test': {},
        'not\0a server': {},
        'notary.test': {},
      },
    },
    signed: false,
  })
  const byGet = await ask('/_matrix/key/v2/query/origin3.test?minimum_valid_until_ts=1')
  const statements = byPost['server_keys'] as JsonObject[]
  expect(statements.map((statement) => statement['server_name']).sort()).toEqual([
    'notary.test',
    'origin3.test',
  ])
  expect(byGet['server_keys']).toHaveLength(1)
  for (const statement of [...statements, ...(byGet['server_keys'] as JsonObject[])]) {
    const signed = (server: MiniServer): boolean =>
      verifySignedJson(statement, server.serverName, 'ed25519:test', server.signingKey.publicKey)
    expect(signed(notary)).toBe(true)
    if (statement['server_name'] === 'origin3.test') expect(signed(origin)).toBe(true)
  }
  expect(await ask('/_matrix/key/v2/query/gone.test')).toEqual({ server_keys: [] })
  await expect(ask('/_matrix/key/v2/query/origin3.test?minimum_valid_until_ts=x')).rejects.toMatchObject({
    status: 400,
  })
  await origin.close()
})

test('the server itself replaces what is stored of it, a notary does not', async () => {
  const origin = await miniServer(network, 'origin4.test')
  await notary.federation.keyRing.keysFor([
    { server: 'origin4.test', keyId: 'ed25519:test', minimumValidUntil: 0 },
  ])
  const notaries = [{ serverName: 'notary.test', verifyKeys: undefined }]
  const former = createSigningKey(createSeed(), 'test')
  const stored = {
    serverName: 'origin4.test',
    keyId: 'ed25519:test',
    publicKey: Buffer.from(former.publicKeyBase64, 'base64'),
    validUntilTs: Date.now() - HOUR_MS,
    expiredTs: null,
    direct: true,
    fetchedTs: 0,
    response: Buffer.from('{}'),
  }
  const request = { server: 'origin4.test', keyId: 'ed25519:test', minimumValidUntil: Date.now() }
  const keyAt = async (reader: MiniServer): Promise<VerifyKey | undefined> => {
    await storeServerKeys(reader.database.queries, [stored])
    return (await reader.federation.keyRing.keysFor([request])).get('origin4.test')?.get('ed25519:test')
  }
  const before = await miniServer(network, 'before4.test', { notaries })
  const fresh = await keyAt(before)
  expect(fresh?.publicKey.equals(origin.signingKey.publicKey)).toBe(true)
  expect(fresh?.validUntilTs).toBeLessThanOrEqual(Date.now() + MAX_VALIDITY_MS)

  await origin.close()
  const after = await miniServer(network, 'after4.test', { notaries })
  const stale = await keyAt(after)
  expect(stale?.publicKey.equals(former.publicKey)).toBe(true)
  expect(stale?.validUntilTs).toBe(stored.validUntilTs)
  await Promise.all([before.close(), after.close()])
})

test('whoever names unknown keys does not make us call a server again and again', async () => {
  const origin = await miniServer(network, 'origin5.test')
  const ask = (index: number): Promise<unknown> =>
    notary.federation.keyRing.keysFor([
      { server: 'origin5.test', keyId: `ed25519:made_up_${index}`, minimumValidUntil: 0 },
    ])
  await Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)))
  for (let index = 20; index < 30; index++) await ask(index)
  expect(origin.called).toEqual(['/_matrix/key/v2/server'])
  await origin.close()
})

test('events are verified in one go, each with its own result', async () => {
  const origin = await miniServer(network, 'origin6.test')
  const version = roomVersion('11')
  if (!version) throw new Error('room version 11 is known')
  const build = (type: string, originServerTs = Date.now()): JsonObject =>
    buildPdu(
      {
        type,
        roomId: '!room:origin6.test',
        sender: '@user:origin6.test',
        content: { body: 'hello' },
        originServerTs,
        depth: 5,
        prevEvents: ['$prev'],
        authEvents: ['$auth'],
      },
      version,
      origin.ownKeys.signer,
    ).pdu
  const good = build('m.room.message')
  const results = await verifyPdus(
    notary.federation.keyRing,
    [
      good,
      { ...good, content: { body: 'changed' } },
      { ...good, type: 'm.room.other' },
      build('m.from.the.future', Date.now() + 2 * MAX_VALIDITY_MS),
      { ...good, sender: '@user:gone.test' },
      'nonsense',
    ],
    version,
  )
  expect(results.map((result) => (result.ok ? 'ok' : result.why))).toEqual([
    'ok',
    'ok',
    'invalid',
    'missing-key',
    'invalid',
    'invalid',
  ])
  const [, redacted] = results
  expect(redacted?.ok === true && redacted.event.content).toEqual({})
  await origin.close()
})

test('keys with which anybody can sign are nobody’s, however they are published', async () => {
  // The seed that the specification's appendices print.
  const seed = Buffer.from('YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1', 'base64')
  const origin = await miniServer(network, 'insecure.test', { signingKey: createSigningKey(seed, 'test') })
  const blocked = createSigningKey(createSeed(), 'test')
  const banned = await miniServer(network, 'banned.test', { signingKey: blocked })
  const careful = await miniServer(network, 'careful.test', {
    config: { blockedSigningKeys: [`${blocked.publicKeyBase64}=`] },
  })
  for (const server of ['insecure.test', 'banned.test']) {
    const request = { server, keyId: 'ed25519:test', minimumValidUntil: Date.now() }
    expect((await careful.federation.keyRing.keysFor([request])).get(server)?.size ?? 0).toBe(0)
  }
  const request = { method: 'PUT', target: `${ECHO}/t1`, body: {} } as const
  for (const { federation } of [origin, banned]) {
    await expect(federation.transport.request('careful.test', request)).rejects.toMatchObject({ status: 401 })
  }
  await Promise.all([origin.close(), banned.close(), careful.close()])
})
