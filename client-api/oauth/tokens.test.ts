import * as oauth from 'openid-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import {
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

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

let server: TestServer
let clientId: string
let configuration: oauth.Configuration
let metadata: Awaited<ReturnType<typeof metadataOf>>
beforeAll(async () => {
  server = await startTestServer()
  await server.register('alice')
  clientId = await registered(server)
  configuration = await configurationOf(server, clientId)
  metadata = await metadataOf(server)
})
afterAll(() => server.close())

async function works(token: unknown): Promise<boolean> {
  const answer = await server.request('GET', '/_matrix/client/v3/account/whoami', { token: String(token) })
  return answer.status === 200
}

const refresh = (refresh_token: unknown, client_id = clientId) =>
  post(metadata.token_endpoint, {
    grant_type: 'refresh_token',
    refresh_token: String(refresh_token),
    client_id,
  })

describe('registration', () => {
  test('two with the same metadata are one client, others are not', async () => {
    expect(await registered(server)).toBe(clientId)
    expect(await registered(server, { ...NATIVE, client_name: 'Other' })).not.toBe(clientId)
  })

  test('what is wrong is told as OAuth tells it', async () => {
    const answers = await Promise.all(
      ['{', '[]', '{}', '{"client_uri":"https://a.example","redirect_uris":["javascript:x"]}'].map((body) =>
        fetch(metadata.registration_endpoint!, { method: 'POST', body }).then(async (response) => [
          response.status,
          ((await response.json()) as Record<string, unknown>)['error'],
        ]),
      ),
    )
    expect(answers).toEqual([
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [400, 'invalid_client_metadata'],
      [400, 'invalid_redirect_uri'],
    ])
  })
})

describe('refresh', () => {
  test('gives new tokens; the old one may be tried again until one of them is used', async () => {
    const first = await loggedIn(server, configuration, 'alice', 'FRESH12345')
    const lost = await oauth.refreshTokenGrant(configuration, first.refresh_token!)
    const second = await oauth.refreshTokenGrant(configuration, first.refresh_token!)
    expect(new Set([first, lost, second].map((tokens) => tokens.refresh_token)).size).toBe(3)
    expect(second.scope).toBe(deviceScope('FRESH12345'))
    expect(await works(second.access_token)).toBe(true)
    const third = await oauth.refreshTokenGrant(configuration, second.refresh_token!)
    expect(await works(third.access_token)).toBe(true)
  })

  test('a used one that comes back ends the session', async () => {
    const first = await loggedIn(server, configuration, 'alice', 'STOLE12345')
    const second = await oauth.refreshTokenGrant(configuration, first.refresh_token!)
    expect(await works(second.access_token)).toBe(true)
    expect((await refresh(first.refresh_token)).body['error']).toBe('invalid_grant')
    expect(await works(second.access_token)).toBe(false)
    expect((await refresh(second.refresh_token)).body['error']).toBe('invalid_grant')
  })

  test('is for the session’s own client, and for OAuth sessions alone', async () => {
    const other = await registered(server, { ...NATIVE, client_name: 'Thief' })
    const tokens = await loggedIn(server, configuration, 'alice', 'OWNED12345')
    expect(await refresh(tokens.refresh_token, other)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect((await refresh(tokens.refresh_token, 'nobody')).status).toBe(401)
    expect((await refresh(tokens.refresh_token)).status).toBe(200)
    const body = { type: 'm.login.password', user: 'alice', password: 'correct horse', refresh_token: true }
    const legacy = await server.request('POST', '/_matrix/client/v3/login', { body })
    expect((await refresh(legacy.body['refresh_token'])).body['error']).toBe('invalid_grant')
  })
})

describe('the end of a session', () => {
  test('revoking either token ends both and the device; unknown ones are fine', async () => {
    for (const which of ['access_token', 'refresh_token'] as const) {
      const tokens = await loggedIn(server, configuration, 'alice', 'ENDED12345')
      expect(await works(tokens.access_token)).toBe(true)
      await oauth.tokenRevocation(configuration, tokens[which]!)
      expect(await works(tokens.access_token)).toBe(false)
      expect((await refresh(tokens.refresh_token)).body['error']).toBe('invalid_grant')
    }
    expect((await post(metadata['revocation_endpoint'], { token: 'unknown' })).status).toBe(200)
    expect((await post(metadata['revocation_endpoint'], {})).body['error']).toBe('invalid_request')
  })

  test('logging out ends the refresh token too', async () => {
    const tokens = await loggedIn(server, configuration, 'alice', 'LEFT123456')
    await server.request('POST', '/_matrix/client/v3/logout', { token: tokens.access_token })
    expect((await refresh(tokens.refresh_token)).body['error']).toBe('invalid_grant')
  })
})

test('a session never has its user’s password asked for: that is for the account page', async () => {
  const { access_token: token } = await loggedIn(server, configuration, 'alice', 'NOPASS1234')
  const auth = { type: 'm.login.password', user: 'alice', password: 'correct horse' }
  const close = await server.request('POST', '/_matrix/client/v3/account/deactivate', {
    token,
    body: { auth },
  })
  expect([close.status, close.body['errcode']]).toEqual([404, 'M_UNRECOGNIZED'])
  const login = {
    type: 'm.login.password',
    user: 'alice',
    password: 'correct horse',
    device_id: 'NOPASS1234',
  }
  const legacy = await server.request('POST', '/_matrix/client/v3/login', { body: login })
  const path = '/_matrix/client/v3/devices/NOPASS1234'
  const removed = await server.request('DELETE', path, {
    token: String(legacy.body['access_token']),
    body: { auth },
  })
  expect(removed.status).toBe(200)
})

describe('a device without a browser', () => {
  async function started(deviceId: string) {
    const { body } = await post(metadata.device_authorization_endpoint, {
      client_id: clientId,
      scope: deviceScope(deviceId),
    })
    return body as Record<
      'device_code' | 'user_code' | 'verification_uri' | 'verification_uri_complete',
      string
    >
  }
  const poll = (device_code: string, client_id = clientId) =>
    post(metadata.token_endpoint, { grant_type: DEVICE_GRANT, device_code, client_id })

  test('is signed in from another one', async () => {
    const codes = await started('TELLY12345')
    expect(codes.user_code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
    expect((await poll(codes.device_code)).body['error']).toBe('authorization_pending')
    expect((await poll(codes.device_code)).body['error']).toBe('slow_down')
    const browser = new TestBrowser(server.url)
    const page = await signIn(browser, await browser.open(codes.verification_uri_complete), 'alice')
    expect(page.text).toContain(codes.user_code)
    expect(page.text).toContain('TELLY12345')
    const done = await browser.submit(page, '/link', { decision: 'allow' })
    expect(done.text).toContain('signed in')
    const tokens = await poll(codes.device_code)
    expect(tokens.body).toMatchObject({ token_type: 'Bearer', scope: deviceScope('TELLY12345') })
    expect(await works(tokens.body['access_token'])).toBe(true)
    expect((await poll(codes.device_code)).body['error']).toBe('invalid_grant')
  })

  test('is refused when the user says so, and once', async () => {
    const codes = await started('TELLY23456')
    const browser = new TestBrowser(server.url)
    await signIn(browser, await browser.open(codes.verification_uri), 'alice')
    const typed = codes.user_code.toLowerCase().replace('-', ' ')
    const page = await browser.open(`${codes.verification_uri}?${new URLSearchParams({ user_code: typed })}`)
    await browser.submit(page, '/link', { decision: 'deny' })
    expect((await browser.submit(page, '/link', { decision: 'allow' })).status).toBe(400)
    expect((await poll(codes.device_code)).body['error']).toBe('access_denied')
  })

  test('wrong codes and other clients get nothing', async () => {
    const codes = await started('TELLY34567')
    const other = await registered(server, { ...NATIVE, client_name: 'Poller' })
    expect((await poll(codes.device_code, other)).body['error']).toBe('invalid_grant')
    expect((await poll('nonsense')).body['error']).toBe('invalid_grant')
    const browser = new TestBrowser(server.url)
    await signIn(browser, await browser.open(codes.verification_uri), 'alice')
    const page = await browser.open(`${codes.verification_uri}?user_code=BBBB-BBBB`)
    expect([page.status, page.text]).toEqual([404, expect.stringContaining('wrong or too old')])
  })
})

test.each([
  ['no grant', {}, 'invalid_request'],
  ['an unknown grant', { grant_type: 'password' }, 'unsupported_grant_type'],
  ['U+0000', { grant_type: 'refresh_token', client_id: 'a\0', refresh_token: 'b' }, 'invalid_request'],
])('%s is told as OAuth tells it', async (_, fields, error) => {
  const answer = await post(metadata.token_endpoint, fields)
  expect([answer.status, answer.body['error']]).toEqual([400, error])
})
