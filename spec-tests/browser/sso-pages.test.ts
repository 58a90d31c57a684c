import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../client-api/http/test-server.ts'
import { startTestProvider, type TestProvider } from '../../client-api/sso/test-provider.ts'
import { startChromium, withoutChromium } from './chromium.ts'
import { Visitor } from './visitor.ts'

const V3 = '/_matrix/client/v3'
const CLIENT = 'https://client.example/app?a=b'
const TRUSTED = 'https://trusted.example/'

describe.skipIf(withoutChromium())('single sign-on in a browser', () => {
  let browser: Browser
  let provider: TestProvider
  let server: TestServer
  let visitor: Visitor
  beforeAll(async () => {
    browser = await startChromium()
    provider = await startTestProvider(() => [`${server.url}/_synapse/client/oidc/callback`])
    server = await startTestServer(`
oidc_providers:
  - idp_id: main
    idp_name: Example
    issuer: ${provider.issuer}
    client_id: ${provider.clientId}
    client_secret: '${provider.clientSecret}'
sso: { client_whitelist: ['${TRUSTED}'] }
`)
    await server.register('queen')
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await provider?.close()
  })
  beforeEach(async () => {
    visitor = await Visitor.arrive(browser, { javaScriptEnabled: false })
    const answer = { contentType: 'text/html', body: '<h1>Back in the client</h1>' }
    await visitor.context.route(/^https:\/\/(?:client|trusted)\.example\//, (route) => route.fulfill(answer))
  })
  afterEach(() => visitor.leave())

  const start = (redirectUrl: string) =>
    visitor.page.goto(`${server.url}${V3}/login/sso/redirect?${new URLSearchParams({ redirectUrl })}`)

  async function logIn() {
    const token = new URL(visitor.page.url()).searchParams.get('loginToken')
    const { body } = await server.request('POST', `${V3}/login`, { body: { type: 'm.login.token', token } })
    return body
  }

  test('a newcomer chooses a name, agrees, and later confirms what a client does', async () => {
    provider.user = { sub: 'newcomer' }
    await start(CLIENT)
    await visitor.sees('Sign in to test.example')
    await visitor.follows('Continue with Example')
    await visitor.sees('Choose a user name')
    expect(await visitor.focus()).toBe('User name')
    await visitor.types('queen')
    await visitor.page.getByRole('alert').waitFor()
    await visitor.sees('Choose a user name')
    await visitor.page.getByLabel('User name').fill('queen2')
    await visitor.presses('Create the account')
    await visitor.sees('Allow access to your account?')
    await visitor.presses('Continue to client.example')
    await visitor.sees('Back in the client')
    const { user_id, device_id, access_token } = await logIn()
    expect(user_id).toBe('@queen2:test.example')

    const remove = (auth?: object) =>
      server.request('DELETE', `${V3}/devices/${String(device_id)}`, {
        token: String(access_token),
        body: auth ? { auth } : {},
      })
    const { session } = (await remove()).body
    await visitor.page.goto(`${server.url}${V3}/auth/m.login.sso/fallback/web?session=${String(session)}`)
    await visitor.sees('Confirm that it is you')
    await visitor.presses('Confirm with Example')
    await visitor.sees('Done')
    expect((await remove({ session })).status).toBe(200)
  })

  test('a client that is trusted is not asked about', async () => {
    provider.user = { sub: 'trusting' }
    await start(TRUSTED)
    await visitor.follows('Continue with Example')
    await visitor.page.getByLabel('User name').fill('trusting')
    await visitor.presses('Create the account')
    await visitor.sees('Back in the client')
    expect((await logIn())['user_id']).toBe('@trusting:test.example')
  })

  test('who refuses at the provider gets a page', async () => {
    provider.user = undefined
    await start(CLIENT)
    await visitor.follows('Continue with Example')
    await visitor.sees('That did not work')
  })

  test('the page of the login fallback comes back from single sign-on logged in', async () => {
    provider.user = { sub: 'embedded' }
    const scripted = await Visitor.arrive(browser)
    await scripted.page.addInitScript(
      'window.matrixLogin = { onLogin: (answer) => { window.loggedIn = answer } }',
    )
    await scripted.page.goto(`${server.url}/_matrix/static/client/login/?device_id=EMBEDDED`)
    await scripted.follows('Log in by single sign-on')
    await scripted.follows('Continue with Example')
    await scripted.page.getByLabel('User name').fill('embedded')
    await scripted.presses('Create the account')
    await scripted.sees('Allow access to your account?')
    await scripted.page.getByRole('button', { name: /^Continue to/ }).click()
    await scripted.sees('Log in')
    await expect
      .poll(() => scripted.page.evaluate('window.loggedIn'))
      .toMatchObject({ user_id: '@embedded:test.example', device_id: 'EMBEDDED' })
    await scripted.leave()
  })
})
