import * as oauth from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import {
  authorized,
  begin,
  CALLBACK,
  configurationOf,
  deviceScope,
  loggedIn,
  metadataOf,
  NATIVE,
  post,
  registered,
  signIn,
} from './oauth.fixture.ts'
import { TestBrowser } from './test-browser.ts'

const WHOAMI = '/_matrix/client/v3/account/whoami'

let server: TestServer
let clientId: string
let configuration: oauth.Configuration
beforeAll(async () => {
  server = await startTestServer()
  await server.register('alice')
  await server.register('bob')
  clientId = await registered(server)
  configuration = await configurationOf(server, clientId)
})
afterAll(() => server.close())

async function whoami(token: string) {
  const { status, body } = await server.request('GET', WHOAMI, { token })
  return status === 200 ? [body['user_id'], body['device_id']] : body['errcode']
}

describe('a login', () => {
  test('by browser gives tokens of the device that the scope names', async () => {
    const tokens = await loggedIn(server, configuration, 'alice', 'PHONE12345')
    expect(tokens.scope).toBe(deviceScope('PHONE12345'))
    expect(tokens.token_type).toBe('bearer')
    expect(tokens.expires_in).toBe(300)
    expect(tokens.refresh_token).toMatch(/^mrr_/)
    expect(await whoami(tokens.access_token)).toEqual(['@alice:test.example', 'PHONE12345'])
    const { body } = await server.request('GET', '/_matrix/client/v3/devices/PHONE12345', {
      token: tokens.access_token,
    })
    expect(body['display_name']).toBe(NATIVE.client_name)
  })

  test('with the older names of the scope, in the fragment', async () => {
    const older = 'urn:matrix:org.matrix.msc2967.client:'
    const { url, verifier, state } = await begin(configuration, 'X', {
      scope: `openid ${older}api:* ${older}device:OLDER12345`,
      response_mode: 'fragment',
    })
    const browser = new TestBrowser(server.url)
    const consent = await signIn(browser, await browser.open(url.href), '@alice:test.example')
    const end = new URL((await browser.submit(consent, '/authorize', { decision: 'allow' })).url)
    expect(end.search).toBe('')
    end.search = end.hash.slice(1)
    end.hash = ''
    const checks = { pkceCodeVerifier: verifier, expectedState: state }
    const tokens = await oauth.authorizationCodeGrant(configuration, end, checks)
    expect(tokens.scope).toBe(`${older}api:* ${older}device:OLDER12345`)
    expect(await whoami(tokens.access_token)).toEqual(['@alice:test.example', 'OLDER12345'])
  })

  test('the pages show names as text, run no script and are shown in no frame', async () => {
    const browser = new TestBrowser(server.url)
    const { url } = await begin(configuration, 'A', { redirect_uri: 'example.client.app:/callback' })
    const consent = await signIn(browser, await browser.open(url.href), 'alice')
    expect(consent.text).toContain('Test &lt;b&gt;client&lt;/b&gt;')
    expect(consent.text).not.toContain('<b>client')
    const policy = consent.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("form-action 'self' example.client.app:;")
    const end = await browser.submit(consent, '/authorize', { decision: 'allow' })
    expect(end.url).toMatch(/^example\.client\.app:\/callback\?code=/)
  })

  test('who refuses sends the client an error, with its state', async () => {
    const { url, state } = await begin(configuration, 'A')
    const browser = new TestBrowser(server.url)
    const consent = await signIn(browser, await browser.open(url.href), 'alice')
    const end = new URL((await browser.submit(consent, '/authorize', { decision: 'deny' })).url)
    expect(Object.fromEntries(end.searchParams)).toMatchObject({ error: 'access_denied', state })
  })

  test('a browser that is signed in is asked at once, and may change the account', async () => {
    const browser = new TestBrowser(server.url)
    const { url } = await begin(configuration, 'A')
    await signIn(browser, await browser.open(url.href), 'alice')
    const again = await browser.open(url.href)
    expect(again.text).toContain('@alice:test.example')
    const bobs = await signIn(browser, await browser.submit(again, '/sign-out'), 'bob')
    expect(bobs.text).toContain('@bob:test.example')
    const stale = await browser.submit(again, '/authorize', { decision: 'allow' })
    expect(stale.text).toContain('@bob:test.example')
  })

  test('prompt=create leads to a new account', async () => {
    const browser = new TestBrowser(server.url)
    const { url, verifier, state } = await begin(configuration, 'NEW1234567', { prompt: 'create' })
    const form = await browser.open(url.href)
    const taken = await browser.submit(form, '/sign-up', { user: 'alice', password: 'p', repeated: 'p' })
    expect([taken.status, taken.text]).toEqual([400, expect.stringContaining('taken')])
    const differs = await browser.submit(form, '/sign-up', { user: 'carol', password: 'p', repeated: 'q' })
    expect(differs.status).toBe(400)
    const consent = await browser.submit(form, '/sign-up', { user: 'carol', password: 'p', repeated: 'p' })
    const end = await browser.submit(consent, '/authorize', { decision: 'allow' })
    const checks = { pkceCodeVerifier: verifier, expectedState: state }
    const tokens = await oauth.authorizationCodeGrant(configuration, new URL(end.url), checks)
    expect(await whoami(tokens.access_token)).toEqual(['@carol:test.example', 'NEW1234567'])
  })
})

describe('hostile requests', () => {
  test.each([
    ['an unregistered address', { redirect_uri: 'https://evil.example/' }],
    ['an address that only begins like it', { redirect_uri: 'http://127.0.0.1:1/callback/evil' }],
    ['another host of the loopback', { redirect_uri: 'http://localhost:1/callback' }],
    ['user info before the host', { redirect_uri: 'http://127.0.0.1:1@evil.example/callback' }],
    ['an unknown client', { client_id: 'nobody' }],
    ['a client id with U+0000', { client_id: 'a\0b' }],
    ['no client', { client_id: '' }],
  ])('%s leads nowhere', async (_, extra) => {
    const { url } = await begin(configuration, 'A', extra)
    const page = await new TestBrowser(server.url).open(url.href)
    expect([page.status, page.url]).toEqual([400, url.href])
  })

  test.each([
    ['no challenge', { code_challenge: '' }, 'invalid_request'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['no method', { code_challenge_method: '' }, 'invalid_request'],
    ['tokens in the address', { response_type: 'token' }, 'unsupported_response_type'],
    ['a form as the answer', { response_mode: 'form_post' }, 'invalid_request'],
    ['no device', { scope: 'urn:matrix:client:api:*' }, 'invalid_scope'],
    ['two devices', { scope: `${deviceScope('A')} urn:matrix:client:device:B` }, 'invalid_scope'],
    ['no access', { scope: 'urn:matrix:client:device:A' }, 'invalid_scope'],
    ['a silent login', { prompt: 'none' }, 'login_required'],
    ['a request object', { request: 'e30' }, 'request_not_supported'],
  ])('%s is told to the client', async (_, extra, error) => {
    const { url, state } = await begin(configuration, 'A', extra)
    const end = new URL((await new TestBrowser(server.url).open(url.href)).url)
    expect(end.origin + end.pathname).toBe(CALLBACK)
    expect(Object.fromEntries(end.searchParams)).toMatchObject({ error, state })
  })

  test('a code that is used twice ends the session', async () => {
    const { callback, verifier } = await authorized(server, configuration, 'alice', 'TWICE12345')
    const { token_endpoint } = await metadataOf(server)
    const exchange = {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code')!,
      redirect_uri: CALLBACK,
      client_id: clientId,
      code_verifier: verifier,
    }
    const first = await post(token_endpoint, exchange)
    expect(await whoami(String(first.body['access_token']))).toContain('TWICE12345')
    expect((await post(token_endpoint, exchange)).body['error']).toBe('invalid_grant')
    expect(await whoami(String(first.body['access_token']))).toBe('M_UNKNOWN_TOKEN')
  })

  test.each([
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['another address', { redirect_uri: 'http://127.0.0.1:7778/callback' }],
  ])('%s spoils the code', async (_, wrong) => {
    const { callback, verifier } = await authorized(server, configuration, 'alice', 'SPOIL12345')
    const { token_endpoint } = await metadataOf(server)
    const exchange = {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code')!,
      redirect_uri: CALLBACK,
      client_id: clientId,
      code_verifier: verifier,
    }
    expect((await post(token_endpoint, { ...exchange, ...wrong })).body['error']).toBe('invalid_grant')
    expect((await post(token_endpoint, exchange)).body['error']).toBe('invalid_grant')
  })

  test('a code is good for its own client alone', async () => {
    const other = await registered(server, { ...NATIVE, client_name: 'Another' })
    const { callback, verifier } = await authorized(server, configuration, 'alice', 'CROSS12345')
    const { token_endpoint } = await metadataOf(server)
    const code = callback.searchParams.get('code')!
    const exchange = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    }
    expect((await post(token_endpoint, { ...exchange, client_id: other })).body['error']).toBe(
      'invalid_grant',
    )
    const unknown = await post(token_endpoint, { ...exchange, client_id: 'nobody' })
    expect([unknown.status, unknown.body['error']]).toEqual([401, 'invalid_client'])
  })

  test('a form of another browser is not taken', async () => {
    const browser = new TestBrowser(server.url)
    const { url } = await begin(configuration, 'A')
    const consent = await signIn(browser, await browser.open(url.href), 'alice')
    const forged = {
      ...consent,
      text: consent.text.replace(/name="csrf" value="[^"]*"/, 'name="csrf" value="x"'),
    }
    expect((await browser.submit(forged, '/authorize', { decision: 'allow' })).status).toBe(403)
    const foreign = new TestBrowser(server.url)
    const theirs = await foreign.open(url.href)
    expect((await signIn(browser, theirs, 'bob')).status).toBe(403)
  })

  test('signing in leads to no foreign address', async () => {
    for (const target of ['https://evil.example/', '//evil.example/', '/_matrix/client/meridian/../\\evil']) {
      const browser = new TestBrowser(server.url)
      const start = `${server.url}/_matrix/client/meridian/sign-in?${new URLSearchParams({ continue: target })}`
      const end = await signIn(browser, await browser.open(start), 'alice')
      expect([end.status, new URL(end.url).pathname]).toEqual([200, '/_matrix/client/meridian/account'])
    }
  })
})
