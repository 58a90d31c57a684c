import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../client-api/http/test-server.ts'
import { metadataOf } from '../../client-api/oauth/oauth.fixture.ts'
import { startChromium, withoutChromium } from './chromium.ts'
import { Visitor } from './visitor.ts'

const WHOAMI = '/_matrix/client/v3/account/whoami'
const PASSWORD = 'correct horse'

describe.skipIf(withoutChromium())('the account page in a browser', () => {
  let browser: Browser
  let server: TestServer
  let address: string
  let visitor: Visitor
  beforeAll(async () => {
    browser = await startChromium()
    server = await startTestServer()
    address = (await metadataOf(server))['account_management_uri']!
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })
  beforeEach(async () => {
    visitor = await Visitor.arrive(browser, { javaScriptEnabled: false, colorScheme: 'dark' })
  })
  afterEach(() => visitor.leave())

  async function signIn(name: string): Promise<void> {
    await visitor.page.goto(address)
    await visitor.types(name, PASSWORD)
    await visitor.sees('Your account')
  }

  test('sessions are renamed and signed out', async () => {
    const { deviceId, token } = await server.register('alice')
    await signIn('alice')
    await visitor.follows('Sessions')
    await visitor.sees('Your sessions')
    await visitor.follows(deviceId)
    await visitor.sees('Session')
    await visitor.page.getByLabel('Name').fill('The phone <i>in the kitchen</i>')
    await visitor.presses('Rename')
    await visitor.sees('Your sessions')
    const device = await server.request('GET', `/_matrix/client/v3/devices/${deviceId}`, { token })
    expect(device.body['display_name']).toBe('The phone <i>in the kitchen</i>')
    await visitor.follows('The phone <i>in the kitchen</i>')
    await visitor.presses('Sign this session out')
    await visitor.sees('Your sessions')
    expect((await server.request('GET', WHOAMI, { token })).status).toBe(401)
  })

  test('the profile and the password are changed', async () => {
    await server.register('bob')
    await signIn('bob')
    await visitor.follows('Profile')
    await visitor.sees('Your profile')
    await visitor.page.getByLabel('Display name').fill('Bob the Builder')
    await visitor.presses('Save')
    await visitor.sees('Your account')
    await visitor.page.getByLabel('Your password').fill(PASSWORD)
    await visitor.page.getByLabel('New password').fill('another horse')
    await visitor.presses('Change the password')
    await visitor.sees('Your account')
    await visitor.presses('Leave this page')
    await visitor.sees('Sign in to test.example')
    await visitor.types('bob', PASSWORD)
    await visitor.page.getByRole('alert').waitFor()
    await visitor.types('another horse')
    await visitor.sees('Your account')
    await visitor.follows('Profile')
    await visitor.sees('Your profile')
    expect(await visitor.page.getByLabel('Display name').inputValue()).toBe('Bob the Builder')
  })

  test('the account is closed only by who is sure', async () => {
    const { token } = await server.register('carol')
    await signIn('carol')
    await visitor.follows('Reset your digital identity')
    await visitor.sees('Reset your digital identity')
    await visitor.follows('Back to your account')
    await visitor.follows('Close your account')
    await visitor.sees('Close your account')
    await visitor.page.getByLabel('Your password').fill(PASSWORD)
    await visitor.presses('Close the account')
    expect((await server.request('GET', WHOAMI, { token })).status).toBe(200)
    await visitor.page.getByLabel('I want to close my account for good').check()
    await visitor.presses('Close the account')
    await visitor.page.getByText('has been closed').waitFor()
    expect((await server.request('GET', WHOAMI, { token })).status).toBe(401)
  })
})
