import { createClient } from 'matrix-js-sdk'
import { isValidAuthMetadata, OAuth2, type ValidatedAuthMetadata } from 'matrix-js-sdk/lib/oauth/index.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { signIn } from './oauth.fixture.ts'
import { TestBrowser } from './test-browser.ts'

const REDIRECT = 'https://app.element.example/?no_universal_links=true'
const METADATA = {
  application_type: 'web' as const,
  client_name: 'Element',
  client_uri: 'https://element.example/',
  redirect_uris: [REDIRECT] as [string],
  logo_uri: 'https://app.element.example/logo.png',
  tos_uri: 'https://element.example/terms',
  policy_uri: 'https://element.example/privacy',
}
const quiet = () => {}
const logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, getChild: () => logger }

let server: TestServer
let metadata: ValidatedAuthMetadata
let oauth: OAuth2
beforeAll(async () => {
  server = await startTestServer()
  await server.register('alice')
  metadata = await createClient({ baseUrl: server.url, logger }).getAuthMetadata()
  const clientId = await OAuth2.registerClient(metadata, METADATA, logger)
  oauth = new OAuth2(metadata, { clientId }, logger)
})
afterAll(() => server.close())

test('the way of Element Web: discovery, registration, login in the fragment, refresh, logout', async () => {
  expect(isValidAuthMetadata(metadata)).toBe(true)
  const browser = new TestBrowser(server.url)
  const start = await oauth.generateAuthorizationCodeGrantUrl('the state', REDIRECT)
  const consent = await signIn(browser, await browser.open(start), 'alice')
  expect(consent.text).toContain('https://element.example/terms')
  const end = new URL((await browser.submit(consent, '/authorize', { decision: 'allow' })).url)
  expect(end.href.split('#')[0]).toBe(REDIRECT)
  const answer = new URLSearchParams(end.hash.slice(1))
  expect(answer.get('state')).toBe('the state')
  const tokens = await oauth.completeAuthorizationCodeGrant(answer.get('code')!, REDIRECT)
  const whoami = (accessToken: string) => createClient({ baseUrl: server.url, accessToken, logger }).whoami()
  expect(await whoami(tokens.access_token)).toMatchObject({
    user_id: '@alice:test.example',
    device_id: oauth.context.deviceId,
  })
  const fresh = await oauth.performRefreshTokenGrant(tokens.refresh_token!)
  expect(await whoami(fresh.access_token)).toMatchObject({ user_id: '@alice:test.example' })
  await oauth.revokeToken(fresh.access_token, 'access_token')
  await expect(whoami(fresh.access_token)).rejects.toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' })
  await expect(oauth.performRefreshTokenGrant(fresh.refresh_token!)).rejects.toMatchObject({
    httpStatus: 400,
  })
})

test('a device without a browser', async () => {
  const session = await oauth.startDeviceAuthorizationGrant()
  const browser = new TestBrowser(server.url)
  const page = await signIn(browser, await browser.open(session.verification_uri_complete!), 'alice')
  await browser.submit(page, '/link', { decision: 'allow' })
  const tokens = await oauth.waitForDeviceAuthorizationGrant(session)
  expect(tokens).toMatchObject({ token_type: 'Bearer', access_token: expect.stringMatching(/^mrd_/) })
})
