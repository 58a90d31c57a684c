import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { LosslessNumber } from '../../protocol/json/value.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import { signedHeaders } from '../client/transport/signed-headers.ts'
import { createOwnKeys } from '../keys/own-keys.ts'
import { ECHO, miniServer, type MiniServer } from '../test-support/mini-server.ts'
import { privateNetwork, type PrivateNetwork } from '../test-support/private-network.ts'

let network: PrivateNetwork
let here: MiniServer
let there: MiniServer

beforeAll(async () => {
  network = await privateNetwork()
  ;[here, there] = await Promise.all([miniServer(network, 'here.test'), miniServer(network, 'there.test')])
})
afterAll(async () => {
  await Promise.all([here.close(), there.close()])
  await network.close()
})

interface RawRequest {
  readonly method?: string
  readonly path?: string
  readonly body?: string
  readonly authorization?: string | string[]
}

/** Sends bytes of our own choice to `there`. */
function raw({
  method = 'PUT',
  path = `${ECHO}/t1`,
  body = '{}',
  authorization,
}: RawRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: there.port, method, path, rejectUnauthorized: false }
    const outgoing = httpsRequest(options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    if (authorization !== undefined) outgoing.setHeader('authorization', authorization)
    outgoing.on('error', reject).end(body)
  })
}

function authorization(
  destination = 'there.test',
  path = `${ECHO}/t1`,
  signer: Pick<MiniServer, 'ownKeys'> = here,
): string {
  const parts = { method: 'PUT', target: path, body: {} }
  return signedHeaders(signer.ownKeys, destination, parts).headers['authorization'] ?? ''
}

describe('between two servers', () => {
  test('a signed request arrives whole, by SRV record, over TLS of a private authority', async () => {
    const body = { float: new LosslessNumber('1.50'), 'é\u{1F600}': ['\u0000', null, true], big: 2 ** 53 - 1 }
    const answer = await here.federation.transport.request('there.test', {
      method: 'PUT',
      target: `${ECHO}/${encodeURIComponent('t/1?ü')}?x=%20`,
      body,
    })
    expect(answer['origin']).toBe('here.test')
    expect(answer['id']).toBe('t/1?ü')
  })

  test('typed operations, and errors that stay the other server’s', async () => {
    const { client } = here.federation
    expect(await client.queryProfile('there.test', '@known:there.test')).toMatchObject({
      displayname: 'Known',
    })
    expect(await client.queryProfile('there.test', '@known:there.test', 'avatar_url')).toEqual({
      avatar_url: 'mxc://a/b',
    })
    expect(await client.queryDirectory('there.test', '#known:there.test')).toEqual({
      roomId: '!room:there.test',
      servers: ['there.test'],
    })
    expect(await client.getVersion('there.test')).toEqual({ name: 'Mini', version: '1' })
    await expect(client.queryProfile('there.test', '@nobody:there.test')).rejects.toMatchObject({
      name: 'FederationRequestError',
      kind: 'refused',
      status: 404,
      errcode: 'M_NOT_FOUND',
    })
    await expect(client.queryDirectory('there.test', '#known:here.test')).rejects.toThrow(
      FederationRequestError,
    )
    await expect(client.getEvent('there.test', '$x')).rejects.toMatchObject({
      status: 404,
      errcode: 'M_UNRECOGNIZED',
    })
  })
})

describe('what is refused', () => {
  test('nothing signed, nonsense, and several origins', async () => {
    expect(await raw({})).toBe(401)
    expect(await raw({ authorization: 'Bearer abc' })).toBe(401)
    expect(await raw({ authorization: 'X-Matrix origin="here.test"' })).toBe(401)
    expect(
      await raw({ authorization: [authorization(), authorization().replace('here.test', 'b.test')] }),
    ).toBe(401)
    expect(await raw({ authorization: authorization() })).toBe(200)
    expect(await raw({ authorization: [authorization(), authorization()] })).toBe(200)
  })

  test('a request for another server, signed or said to be', async () => {
    expect(await raw({ authorization: authorization('elsewhere.test') })).toBe(401)
    const lying = authorization('elsewhere.test').replace('elsewhere.test', 'there.test')
    expect(await raw({ authorization: lying })).toBe(401)
    const silent = authorization().replace('destination="there.test",', '')
    expect(await raw({ authorization: silent })).toBe(200)
  })

  test('another body, path, query, method, key or origin than was signed', async () => {
    expect(await raw({ authorization: authorization(), body: '{"a":1}' })).toBe(401)
    expect(await raw({ authorization: authorization(), body: '' })).toBe(401)
    expect(await raw({ authorization: authorization(), path: `${ECHO}/t2` })).toBe(401)
    expect(await raw({ authorization: authorization(), path: `${ECHO}/t1?x=1` })).toBe(401)
    expect(await raw({ authorization: authorization(), path: `${ECHO}/%74%31` })).toBe(401)
    expect(await raw({ authorization: authorization().replace('ed25519:test', 'ed25519:other') })).toBe(401)
    expect(await raw({ authorization: authorization().replace('here.test', 'unknown.test') })).toBe(401)
    expect(await raw({ authorization: authorization('there.test', `${ECHO}/t1`, there) })).toBe(401)
  })

  test('a key that its server has retired', async () => {
    const retired = createSigningKey(createSeed(), 'retired')
    const old = { key: retired.publicKeyBase64, expiredTs: Date.now() + 3_600_000 }
    const rotated = await miniServer(network, 'rotated.test', {
      oldKeys: new Map([['ed25519:retired', old]]),
    })
    const retiredKeys = createOwnKeys({
      serverName: 'rotated.test',
      signingKeys: [retired],
      oldKeys: new Map(),
      refreshIntervalMs: 0,
    })
    expect(await raw({ authorization: authorization('there.test', `${ECHO}/t1`, rotated) })).toBe(200)
    const byRetired = authorization('there.test', `${ECHO}/t1`, { ownKeys: retiredKeys })
    expect(await raw({ authorization: byRetired })).toBe(401)
    await rotated.close()
  })

  test('white space in the body is not part of what was signed', async () => {
    expect(await raw({ authorization: authorization(), body: ' { } ' })).toBe(200)
  })

  test('a body that is no JSON object', async () => {
    expect(await raw({ authorization: authorization(), body: '[]' })).toBe(400)
    expect(await raw({ authorization: authorization(), body: '{' })).toBe(400)
    expect(await raw({ authorization: authorization(), body: '{"a":"\\ud800"}' })).toBe(400)
  })
})

test('a black list shuts servers out, both ways', async () => {
  const closed = await miniServer(network, 'closing.test', { config: { domainBlacklist: ['HERE.*'] } })
  await expect(
    here.federation.client.queryProfile('closing.test', '@known:closing.test'),
  ).rejects.toMatchObject({ status: 403, errcode: 'M_FORBIDDEN' })
  await expect(closed.federation.client.getVersion('here.test')).rejects.toMatchObject({
    kind: 'not-allowed',
  })
  expect(await closed.federation.client.getVersion('there.test')).toEqual({ name: 'Mini', version: '1' })
  await closed.close()
})

test('a private federation of static peers asks no DNS, no well-known host and no notary', async () => {
  const looked: string[] = []
  const resolver = {
    addresses: async (host: string) => (looked.push(host), []),
    services: async (name: string) => (looked.push(name), []),
  }
  const secluded: PrivateNetwork = {
    ...network,
    resolver,
    throughDial: (dial) => async (server) => {
      if (!server.configured) looked.push(server.hostHeader)
      return dial(server)
    },
  }
  const region = await miniServer(secluded, 'region.test', {
    config: {
      ipRangeWhitelist: [],
      staticPeers: new Map([['there.test', `127.0.0.1:${there.port}`]]),
    },
  })
  expect(await region.federation.client.getVersion('there.test')).toMatchObject({ name: 'Mini' })
  const keys = await region.federation.keyRing.keysFor([
    { server: 'there.test', keyId: there.signingKey.keyId, minimumValidUntil: Date.now() },
  ])
  expect([...(keys.get('there.test')?.keys() ?? [])]).toContain(there.signingKey.keyId)
  expect(looked).toEqual([])
  await region.close()
})

test('a white list shuts others out, both ways', async () => {
  const closed = await miniServer(network, 'closed.test', {
    config: { domainWhitelist: new Set(['there.test']) },
  })
  await expect(
    here.federation.client.queryProfile('closed.test', '@known:closed.test'),
  ).rejects.toMatchObject({
    status: 403,
    errcode: 'M_FORBIDDEN',
  })
  await expect(closed.federation.client.getVersion('here.test')).rejects.toMatchObject({
    kind: 'not-allowed',
  })
  expect(await closed.federation.client.getVersion('there.test')).toEqual({ name: 'Mini', version: '1' })
  await closed.close()
})
