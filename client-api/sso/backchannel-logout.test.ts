import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { TestBrowser } from '../oauth/test-browser.ts'
import { startTestProvider, type TestProvider } from './test-provider.ts'

const CLIENT = 'https://client.example/app'
const LOGIN = '/_matrix/client/v3/login'
const PATH = '/_synapse/client/oidc/backchannel_logout'
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let provider: TestProvider
let server: TestServer
let browser: TestBrowser
/** A provider that signs whatever the tests want. */
let forger: Server
let forgerIssuer: string
const keys = await generateKeyPair('RS256')

beforeAll(async () => {
  const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'RS256', use: 'sig', kid: 'k' }
  forger = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })))
  await new Promise<void>((resolve) => forger.listen(0, '127.0.0.1', resolve))
  forgerIssuer = `http://127.0.0.1:${(forger.address() as AddressInfo).port}`
  provider = await startTestProvider(
    () => [`${server.url}/_synapse/client/oidc/callback`],
    () => server.url + PATH,
  )
  const entry = (id: string, more: string) => `
  - idp_id: ${id}
    idp_name: Example
    issuer: ${provider.issuer}
    client_id: ${provider.clientId}
    client_secret: '${provider.clientSecret}'
    user_mapping_provider: { config: { localpart_template: '{{ user.preferred_username }}' } }
    ${more}`
  server = await startTestServer(`
oidc_providers:${entry('main', 'backchannel_logout_enabled: true')}${entry(
    'soft',
    'backchannel_logout_enabled: true\n    backchannel_logout_is_soft: true',
  )}${entry('deaf', '')}
  - idp_id: forger
    idp_name: Forger
    discover: false
    issuer: ${forgerIssuer}
    authorization_endpoint: ${forgerIssuer}/a
    token_endpoint: ${forgerIssuer}/t
    jwks_uri: ${forgerIssuer}/keys
    client_id: meridian
    client_secret: x
    backchannel_logout_enabled: true
sso: { client_whitelist: ['${CLIENT}'] }
`)
})
afterAll(async () => {
  await server.close()
  await provider.close()
  forger.closeAllConnections()
  forger.close()
})
beforeEach(() => {
  browser = new TestBrowser(server.url, provider.issuer)
})

/** Signs in through a provider, without a question, and logs a client in. */
async function logIn(idp: string): Promise<string> {
  const query = new URLSearchParams({ redirectUrl: CLIENT })
  const page = await browser.open(`${server.url}${LOGIN}/sso/redirect/oidc-${idp}?${query}`)
  // A page forwards the browser, because the client's address may be no web page's.
  const token = /loginToken=([^"&;]+)/.exec(`${page.url} ${page.text}`)?.[1]
  const body = { type: 'm.login.token', token: decodeURIComponent(token ?? '') }
  return String((await server.request('POST', LOGIN, { body })).body['access_token'])
}

/** The user leaves the provider, which tells its clients. */
async function leaveProvider(): Promise<void> {
  const asked = await browser.open(`${provider.issuer}/session/end`)
  const done = await browser.submit(asked, '/session/end/confirm', { logout: 'yes' })
  expect(done.status).toBe(200)
}

const whoAmI = async (token: string) => {
  const { status, body } = await server.request('GET', '/_matrix/client/v3/account/whoami', { token })
  return { status, soft: body['soft_logout'] }
}
const tell = (token: string | undefined) =>
  server.request('POST', PATH, {
    body: token === undefined ? 'x=y' : `logout_token=${encodeURIComponent(token)}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })

describe('leaving a real provider', () => {
  test('logs out what was signed in from there, and nothing else', async () => {
    provider.user = { sub: 'id-of-alice', preferred_username: 'alice' }
    const token = await logIn('main')
    const elsewhere = browser
    browser = new TestBrowser(server.url, provider.issuer)
    const other = await logIn('main')
    expect([(await whoAmI(token)).status, (await whoAmI(other)).status]).toEqual([200, 200])
    await leaveProvider()
    await expect.poll(() => whoAmI(other), { timeout: 10_000 }).toMatchObject({ status: 401 })
    expect(await whoAmI(other)).toEqual({ status: 401, soft: undefined })
    expect((await whoAmI(token)).status).toBe(200)
    // The browser is signed out of the server's own pages too, and the other one is not.
    expect((await browser.open(`${server.url}/_matrix/client/unstable/account`)).text).not.toContain('@alice')
    browser = elsewhere
    await leaveProvider()
    await expect.poll(() => whoAmI(token), { timeout: 10_000 }).toMatchObject({ status: 401 })
  })

  test('logs out softly where that is wanted, and not at all where it is not', async () => {
    provider.user = { sub: 'id-of-bob', preferred_username: 'bob' }
    const token = await logIn('soft')
    await leaveProvider()
    await expect.poll(() => whoAmI(token), { timeout: 10_000 }).toEqual({ status: 401, soft: true })
    browser = new TestBrowser(server.url, provider.issuer)
    provider.user = { sub: 'id-of-carol', preferred_username: 'carol' }
    const kept = await logIn('deaf')
    await leaveProvider()
    expect((await whoAmI(kept)).status).toBe(200)
  })
})

describe('a logout token', () => {
  const sound = { sid: 's', events: { [EVENT]: {} }, sub: 'u' }
  const signed = (
    claims: Record<string, unknown>,
    more: { issuer?: string; audience?: string; age?: number } = {},
  ) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer(more.issuer ?? forgerIssuer)
      .setAudience(more.audience ?? 'meridian')
      .setIssuedAt(Math.floor(Date.now() / 1000) - (more.age ?? 0))
      .setJti('j')
      .sign(keys.privateKey)

  test('is taken when it is sound, whether or not anybody is signed in', async () => {
    const answer = await tell(await signed(sound))
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  })

  test.each<[string, () => Promise<string | undefined>]>([
    ['missing', async () => undefined],
    ['no token', async () => 'x.y.z'],
    [
      'unsigned',
      async () =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ ...sound, iss: forgerIssuer, aud: 'meridian' })).toString('base64url')}.`,
    ],
    ['of another issuer', () => signed(sound, { issuer: provider.issuer })],
    ['for another client', () => signed(sound, { audience: 'other' })],
    ['old', () => signed(sound, { age: 3_600 })],
    ['an id token', () => signed({ ...sound, nonce: 'n' })],
    ['of another event', () => signed({ ...sound, events: { other: {} } })],
    ['without a session', () => signed({ events: sound.events, sub: 'u' })],
  ])('is refused when it is %s', async (_what, make) => {
    const { status, body } = await tell(await make())
    expect([status, body['error']]).toEqual([400, 'invalid_request'])
  })
})
