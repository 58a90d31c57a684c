import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSeed, createSigningKey, signText, type SigningKey } from '../../../protocol/crypto/ed25519.ts'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { Json, TestClient } from '../../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../../spec-tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())

const UPLOAD = '/_matrix/client/v3/keys/device_signing/upload'
const newKey = (): SigningKey => createSigningKey(createSeed(), 'x')

function signed(key: Json, user: TestClient, signer: SigningKey, name = signer.publicKeyBase64): Json {
  const { signatures, ...content } = key
  const text = canonicalJson(parseJson(JSON.stringify(content)) as JsonObject)
  const others = (signatures as Record<string, Json> | undefined)?.[user.userId]
  return {
    ...content,
    signatures: { [user.userId]: { ...others, [`ed25519:${name}`]: signText(text, signer.privateKey) } },
  }
}

function publicKey(user: TestClient, usage: string, key: SigningKey): Json {
  const { publicKeyBase64: name } = key
  return { user_id: user.userId, usage: [usage], keys: { [`ed25519:${name}`]: name } }
}

interface Identity {
  readonly user: TestClient
  readonly device: SigningKey
  readonly master: SigningKey
  readonly selfSigning: SigningKey
  readonly userSigning: SigningKey
  readonly deviceKeys: Json
  readonly body: Json
}

async function identity(name: string): Promise<Identity> {
  const user = await server.register(name)
  const [device, master, selfSigning, userSigning] = [newKey(), newKey(), newKey(), newKey()]
  const bare = {
    user_id: user.userId,
    device_id: user.deviceId,
    algorithms: ['m.olm.v1.curve25519-aes-sha2'],
    keys: { [`ed25519:${user.deviceId}`]: device.publicKeyBase64 },
  }
  const deviceKeys = signed(bare, user, device, user.deviceId)
  await user.call('POST', '/keys/upload', { device_keys: deviceKeys })
  const body = {
    master_key: publicKey(user, 'master', master),
    self_signing_key: signed(publicKey(user, 'self_signing', selfSigning), user, master),
    user_signing_key: signed(publicKey(user, 'user_signing', userSigning), user, master),
  }
  return { user, device, master, selfSigning, userSigning, deviceKeys, body }
}

async function query(viewer: TestClient, of: TestClient): Promise<Record<string, Json>> {
  const answer = await viewer.call('POST', '/keys/query', { device_keys: { [of.userId]: [] } })
  return Object.fromEntries(
    Object.entries(answer).map(([part, users]) => [part, (users as Record<string, Json>)[of.userId]!]),
  )
}

async function sign(by: TestClient, target: TestClient, key: string, value: Json): Promise<unknown> {
  const body = { [target.userId]: { [key]: value } }
  return (await by.call('POST', '/keys/signatures/upload', body))['failures']
}

describe('cross-signing keys', () => {
  it('need no proof the first time, nor when they come again, but to be replaced', async () => {
    const { user, body } = await identity('alice')
    for (let times = 0; times < 2; times++) {
      expect((await user.request('POST', UPLOAD, body)).body).toEqual({})
    }
    const other = publicKey(user, 'master', newKey())
    const asked = await user.request('POST', UPLOAD, { master_key: other })
    expect([asked.status, asked.body['flows']]).toEqual([401, [{ stages: ['m.login.password'] }]])
    expect((await query(user, user))['master_keys']).toEqual({
      ...(body['master_key'] as Json),
      signatures: {},
    })
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: user.userId },
      password: 'correct horse battery',
      session: asked.body['session'],
    }
    expect((await user.request('POST', UPLOAD, { master_key: other, auth })).status).toBe(200)
    expect((await query(user, user))['master_keys']).toMatchObject(other)
  })

  it('are seen by all, but for the user-signing key', async () => {
    const { user, body } = await identity('bob')
    const viewer = await server.register('viewer')
    await user.call('POST', '/keys/device_signing/upload', body)
    const seen = await query(viewer, user)
    expect(seen['self_signing_keys']).toEqual(body['self_signing_key'])
    expect(seen['user_signing_keys']).toBeUndefined()
    expect((await query(user, user))['user_signing_keys']).toEqual(body['user_signing_key'])
  })

  it('must be signed by the master key and be the keys of the user', async () => {
    const { user, body, master, deviceKeys } = await identity('carol')
    const stranger = newKey()
    const selfSigning = publicKey(user, 'self_signing', newKey())
    const upload = async (change: Json): Promise<unknown> => {
      const answer = await user.request('POST', UPLOAD, change)
      return [answer.status, answer.body['errcode']]
    }
    expect(await upload({ self_signing_key: body['self_signing_key'] })).toEqual([400, 'M_MISSING_PARAM'])
    for (const key of [selfSigning, signed(selfSigning, user, stranger, master.publicKeyBase64)]) {
      expect(await upload({ ...body, self_signing_key: key })).toEqual([400, 'M_INVALID_SIGNATURE'])
    }
    const masterKey = body['master_key'] as Json
    for (const change of [
      { user_id: '@x:y' },
      { usage: ['user_signing'] },
      { keys: {} },
      { keys: { a: 'b' } },
    ]) {
      expect(await upload({ master_key: { ...masterKey, ...change } })).toEqual([400, expect.any(String)])
    }
    expect(await upload({ master_key: deviceKeys })).toEqual([400, 'M_INVALID_PARAM'])
    expect((await query(user, user))['master_keys']).toBeUndefined()
  })
})

describe('signatures', () => {
  it('on own keys are seen by all, on those of others by the signer alone', async () => {
    const [dave, erin] = [await identity('dave'), await identity('erin')]
    const watcher = await server.register('watcher')
    await dave.user.join(await erin.user.createRoom({ preset: 'public_chat' }))
    for (const { user, body } of [dave, erin]) await user.call('POST', '/keys/device_signing/upload', body)
    const { user, device, selfSigning, userSigning, deviceKeys } = dave
    const own = signed(deviceKeys, user, selfSigning)
    expect(await sign(user, user, user.deviceId, own)).toEqual({})
    const master = dave.body['master_key'] as Json
    const byDevice = signed(master, user, device, user.deviceId)
    expect(await sign(user, user, dave.master.publicKeyBase64, byDevice)).toEqual({})
    const theirs = signed(erin.body['master_key'] as Json, user, userSigning)
    const [before, theirsBefore] = [await user.sync(), await erin.user.sync()]
    expect(await sign(user, erin.user, erin.master.publicKeyBase64, theirs)).toEqual({})

    const changedSince = async (who: TestClient, { next_batch: since }: Json): Promise<unknown> =>
      ((await who.sync({ since: String(since), timeout: '0' }))['device_lists'] as Json)['changed']
    expect(await changedSince(user, before)).toEqual([erin.user.userId])
    expect(await changedSince(erin.user, theirsBefore)).toEqual([])

    const seen = await query(watcher, user)
    expect(seen['device_keys']?.[user.deviceId]).toEqual({ ...own, unsigned: {} })
    expect(seen['master_keys']).toEqual(byDevice)
    expect((await query(user, erin.user))['master_keys']).toEqual(theirs)
    for (const viewer of [watcher, erin.user]) {
      expect((await query(viewer, erin.user))['master_keys']).toEqual({
        ...(erin.body['master_key'] as Json),
        signatures: {},
      })
    }
  })

  it('that are not good, or on other keys than the published, are named with the reason', async () => {
    const [frank, gina] = [await identity('frank'), await identity('gina')]
    const { user, selfSigning, userSigning, deviceKeys, body } = frank
    const withoutKeys = signed(deviceKeys, user, selfSigning)
    expect(await sign(user, user, user.deviceId, withoutKeys)).toMatchObject({
      [user.userId]: { [user.deviceId]: { errcode: 'M_NOT_FOUND' } },
    })
    for (const { user, body } of [frank, gina]) await user.call('POST', '/keys/device_signing/upload', body)
    const theirMaster = gina.body['master_key'] as Json
    const cases: [TestClient, string, Json, string][] = [
      [user, 'UNKNOWN', withoutKeys, 'M_NOT_FOUND'],
      [user, '__proto__', withoutKeys, 'M_NOT_FOUND'],
      [user, user.deviceId, signed({ ...deviceKeys, algorithms: [] }, user, selfSigning), 'M_INVALID_PARAM'],
      [
        user,
        user.deviceId,
        signed(deviceKeys, user, newKey(), selfSigning.publicKeyBase64),
        'M_INVALID_SIGNATURE',
      ],
      [user, user.deviceId, signed(deviceKeys, user, userSigning), 'M_INVALID_SIGNATURE'],
      [user, user.deviceId, {}, 'M_BAD_JSON'],
      [
        user,
        frank.master.publicKeyBase64,
        { ...(body['master_key'] as Json), signatures: {} },
        'M_INVALID_SIGNATURE',
      ],
      [gina.user, gina.master.publicKeyBase64, signed(theirMaster, user, selfSigning), 'M_INVALID_SIGNATURE'],
      [gina.user, gina.user.deviceId, signed(gina.deviceKeys, user, userSigning), 'M_NOT_FOUND'],
    ]
    for (const [target, key, value, errcode] of cases) {
      const failures = (await sign(user, target, key, value)) as Record<string, Json>
      expect(Object.entries(failures[target.userId]!)).toMatchObject([[key, { errcode }]])
    }
  })
})
