import * as oauth from 'openid-client'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../client-api/http/test-server.ts'
import {
  API,
  begin,
  CALLBACK,
  configurationOf,
  deviceScope,
  metadataOf,
  post,
  registered,
} from '../../client-api/oauth/oauth.fixture.ts'
import { insertRegistrationToken } from '../../storage/accounts/registration-tokens.ts'
import { startChromium, withoutChromium } from './chromium.ts'
import { Visitor } from './visitor.ts'

/** As long as names may be nearly, to see that pages hold them. */
const LONG_NAME = 'a-name-that-is-about-as-long-as-anybody-would-ever-choose-one-to-be'
const POLICY = 'https://example.org/terms'

describe.skipIf(withoutChromium())('OAuth 2.0 in a browser', () => {
  let browser: Browser
  let server: TestServer
  let visitor: Visitor
  let configuration: oauth.Configuration
  beforeAll(async () => {
    browser = await startChromium()
    server = await startTestServer()
    await server.register(LONG_NAME)
    configuration = await configurationOf(server, await registered(server))
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })
  beforeEach(async () => {
    // These pages promise to work without scripts.
    visitor = await Visitor.arrive(browser, { javaScriptEnabled: false })
  })
  afterEach(() => visitor.leave())

  /** The application's own page, to which the browser comes back. */
  async function application(): Promise<void> {
    const answer = { contentType: 'text/html', body: '<h1>Back in the application</h1>' }
    await visitor.context.route(`${new URL(CALLBACK).origin}/**`, (route) => route.fulfill(answer))
  }

  async function tokens(started: Awaited<ReturnType<typeof begin>>) {
    return oauth.authorizationCodeGrant(configuration, new URL(visitor.page.url()), {
      pkceCodeVerifier: started.verifier,
      expectedState: started.state,
    })
  }

  test('an application gets in by keyboard: sign in, agree, come back with a code', async () => {
    await application()
    const started = await begin(configuration, 'PHONE12345')
    await visitor.page.goto(started.url.href)
    await visitor.sees('Sign in to test.example')
    expect(await visitor.focus()).toBe('User name')
    await visitor.types(LONG_NAME, 'wrong')
    await visitor.page.getByRole('alert').waitFor()
    await visitor.sees('Sign in to test.example')
    expect(await visitor.focus()).toBe('Password')
    await visitor.types('correct horse')
    await visitor.sees('Allow access to your account?')
    await visitor.page.getByRole('button', { name: 'Allow' }).press('Enter')
    await visitor.sees('Back in the application')
    expect((await tokens(started)).scope).toBe(deviceScope('PHONE12345'))
  })

  test('an application with an address scheme of its own is led to', async () => {
    const started = await begin(configuration, 'PHONE45678', { redirect_uri: 'example.client.app:/callback' })
    await visitor.page.goto(started.url.href)
    await visitor.types(LONG_NAME, 'correct horse')
    await visitor.sees('Allow access to your account?')
    const led = visitor.page.waitForEvent('requestfailed')
    await visitor.presses('Allow')
    // The machine has no such application: the browser gives up only after its policies have let the redirect go.
    const { protocol, searchParams } = new URL((await led).url())
    expect([protocol, searchParams.get('state')]).toEqual(['example.client.app:', started.state])
    expect(visitor.complaints).toEqual([])
  })

  test('who refuses comes back with an error', async () => {
    await application()
    const started = await begin(configuration, 'PHONE23456')
    await visitor.page.goto(started.url.href)
    await visitor.types(LONG_NAME, 'correct horse')
    await visitor.sees('Allow access to your account?')
    await visitor.presses('Refuse')
    await visitor.sees('Back in the application')
    expect(new URL(visitor.page.url()).searchParams.get('error')).toBe('access_denied')
  })

  test('who is signed in as somebody else makes an account instead', async () => {
    await application()
    const started = await begin(configuration, 'PHONE34567')
    await visitor.page.goto(started.url.href)
    await visitor.types(LONG_NAME, 'correct horse')
    await visitor.presses('Use another account')
    await visitor.sees('Sign in to test.example')
    await visitor.follows('Create an account')
    await visitor.sees('New account on test.example')
    expect(await visitor.focus()).toBe('User name')
    await visitor.types('newcomer', 'another horse', 'a different one')
    await visitor.page.getByRole('alert').waitFor()
    await visitor.sees('New account on test.example')
    await visitor.page.getByLabel('Password', { exact: true }).fill('another horse')
    await visitor.page.getByLabel('Password, once more').fill('another horse')
    await visitor.presses('Create the account')
    await visitor.sees('Allow access to your account?')
    await visitor.presses('Allow')
    await visitor.sees('Back in the application')
    const { access_token } = await tokens(started)
    const { body } = await server.request('GET', '/_matrix/client/v3/account/whoami', { token: access_token })
    expect(body['user_id']).toBe('@newcomer:test.example')
  })

  test('a new account may need a token and consent', async () => {
    const strict = await startTestServer(
      `enable_registration: true
registration_requires_token: true
user_consent:
  require_at_registration: true
  version: '2.0'
  policies: { terms: { en: { name: "Terms", url: '${POLICY}' } } }
`,
      { open: false },
    )
    try {
      const { account_management_uri } = await metadataOf(strict)
      await visitor.page.goto(account_management_uri!)
      await visitor.follows('Create an account')
      await visitor.sees('New account on test.example')
      expect(await visitor.page.getByRole('link', { name: 'Terms' }).getAttribute('href')).toBe(POLICY)
      await visitor.page.getByLabel('I accept these').check()
      await visitor.page.getByLabel('User name').focus()
      await visitor.types('newcomer', 'a horse', 'a horse', 'no such token')
      await visitor.page.getByRole('alert').waitFor()
      await visitor.sees('New account on test.example')
      const token = { token: 'open-sesame', usesAllowed: 1, expiresTs: null, makesAdmin: false }
      await insertRegistrationToken(strict.database.queries, token)
      await visitor.page.getByLabel('I accept these').check()
      expect(await visitor.focus()).toBe('I accept these')
      await visitor.page.getByLabel('Password', { exact: true }).focus()
      await visitor.types('a horse', 'a horse', 'open-sesame')
      await visitor.sees('Your account')
    } finally {
      await strict.close()
    }
  })

  test('a device without a browser is let in by its code', async () => {
    const metadata = await metadataOf(server)
    const { body } = await post(metadata.device_authorization_endpoint, {
      client_id: configuration.clientMetadata().client_id,
      scope: deviceScope('TELLY12345'),
    })
    await visitor.page.goto(String(body['verification_uri']))
    await visitor.types(LONG_NAME, 'correct horse')
    await visitor.sees('Sign in a device')
    expect(await visitor.focus()).toBe('The code that your new device shows')
    await visitor.types('BBBB-BBBB')
    await visitor.page.getByRole('alert').waitFor()
    await visitor.sees('Sign in a device')
    await visitor.types(String(body['user_code']).toLowerCase())
    await visitor.sees('Allow the device access to your account?')
    await visitor.presses('Allow')
    await visitor.sees('Done')
    const granted = await post(metadata.token_endpoint, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: String(body['device_code']),
      client_id: configuration.clientMetadata().client_id,
    })
    expect(granted.body['scope']).toContain(API)
  })

  test('an address that asks for nonsense is a page', async () => {
    await visitor.page.goto(`${server.url}/_matrix/client/meridian/oauth2/authorize?client_id=none`)
    await visitor.sees('That did not work')
  })
})
