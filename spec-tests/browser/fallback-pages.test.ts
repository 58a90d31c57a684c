import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../client-api/http/test-server.ts'
import { insertRegistrationToken } from '../../storage/accounts/registration-tokens.ts'
import { startChromium, withoutChromium } from './chromium.ts'
import { Visitor } from './visitor.ts'

const LOGIN = '/_matrix/static/client/login/'
const REGISTER = '/_matrix/client/v3/register'
/** As long as names may be nearly, to see that pages hold them. */
const LONG_NAME = 'a-name-that-is-about-as-long-as-anybody-would-ever-choose-one-to-be'

describe.skipIf(withoutChromium())('fallback pages in a browser', () => {
  let browser: Browser
  let server: TestServer
  let strict: TestServer
  beforeAll(async () => {
    browser = await startChromium()
    server = await startTestServer()
    await server.register(LONG_NAME)
    strict = await startTestServer(
      `enable_registration: true
registration_requires_token: true
user_consent:
  require_at_registration: true
  version: '2.0'
  policies: { terms: { en: { name: "Terms & <Conditions>", url: 'https://example.org/terms' } } }
`,
      { open: false },
    )
    const token = { token: 'open-sesame', usesAllowed: null, expiresTs: null, makesAdmin: false }
    await insertRegistrationToken(strict.database.queries, token)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await strict?.close()
  })

  test('the landing page says which server it is, without scripts too', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const visitor = await Visitor.arrive(browser, { javaScriptEnabled })
      await visitor.page.goto(server.url)
      await visitor.sees('Meridian is running')
      expect(await visitor.page.textContent('main')).toContain('test.example')
      await visitor.leave()
    }
  })

  test('a login by keyboard ends in the call that clients wait for', async () => {
    const visitor = await Visitor.arrive(browser)
    await visitor.page.addInitScript(
      'window.matrixLogin = { onLogin: (answer) => { window.loggedIn = answer } }',
    )
    const query = new URLSearchParams({ device_id: 'EMBEDDED', initial_device_display_name: 'A view' })
    await visitor.page.goto(`${server.url}${LOGIN}?${query}`)
    await visitor.sees('Log in')
    await expect.poll(() => visitor.focus()).toBe('User name')
    await visitor.types(LONG_NAME, 'wrong')
    await expect.poll(() => visitor.page.getByRole('alert').textContent()).toMatch(/wrong|Invalid/i)
    await visitor.page.getByLabel('Password').fill('correct horse')
    await visitor.page.keyboard.press('Enter')
    await expect
      .poll(() => visitor.page.evaluate('window.loggedIn'))
      .toMatchObject({
        user_id: `@${LONG_NAME}:test.example`,
        device_id: 'EMBEDDED',
        access_token: expect.any(String),
      })
    await visitor.sees('Log in')
    await visitor.leave()
  })

  test('a login without scripts is told that it needs them', async () => {
    const visitor = await Visitor.arrive(browser, { javaScriptEnabled: false })
    await visitor.page.goto(server.url + LOGIN)
    await visitor.sees('Log in')
    expect(await visitor.page.locator('noscript').isVisible()).toBe(true)
    await visitor.leave()
  })

  const stagePage = (stage: string, session: unknown) =>
    `${strict.url}/_matrix/client/v3/auth/${stage}/fallback/web?session=${String(session)}`

  test('a web client registers by the pages of the stages, and is told of each', async () => {
    const request = { username: 'newcomer', password: 'correct horse' }
    const { body } = await strict.request('POST', REGISTER, { body: request })
    const { session } = body
    const visitor = await Visitor.arrive(browser)
    await visitor.page.goto(strict.url)
    await visitor.page.evaluate(
      'window.told = []; window.addEventListener("message", ({ data }) => window.told.push(data))',
    )
    const opened = async (stage: string) => {
      const popup = visitor.context.waitForEvent('page')
      await visitor.page.evaluate(`void window.open(${JSON.stringify(stagePage(stage, session))})`)
      return popup
    }
    const token = await opened('m.login.registration_token')
    await visitor.sees('Registration token', token)
    await token.keyboard.type('wrong')
    await token.keyboard.press('Enter')
    await token.getByRole('alert').waitFor()
    await visitor.sees('Registration token', token)
    await token.getByLabel('token').fill('open-sesame')
    await token.keyboard.press('Enter')
    await visitor.sees('Done', token)
    const terms = await opened('m.login.terms')
    await visitor.sees('Terms', terms)
    expect(await terms.getByRole('link').textContent()).toBe('Terms & <Conditions>')
    await terms.getByRole('button', { name: 'I accept' }).click()
    await visitor.sees('Done', terms)
    expect(await visitor.page.evaluate('window.told')).toEqual(['authDone', 'authDone'])
    const answer = await strict.request('POST', REGISTER, { body: { ...request, auth: { session } } })
    expect([answer.status, answer.body['user_id']]).toEqual([200, '@newcomer:test.example'])
    await visitor.leave()
  })

  test('an embedded view is told by window.onAuthDone', async () => {
    const { body } = await strict.request('POST', REGISTER, {
      body: { username: 'other', password: 'horse' },
    })
    const visitor = await Visitor.arrive(browser)
    await visitor.page.addInitScript('window.onAuthDone = () => { window.done = true }')
    await visitor.page.goto(stagePage('m.login.terms', body['session']))
    await visitor.presses('I accept')
    await visitor.sees('Done')
    expect(await visitor.page.evaluate('window.done')).toBe(true)
    await visitor.leave()
  })

  test('a stage is completed without scripts', async () => {
    const { body } = await strict.request('POST', REGISTER, {
      body: { username: 'plain', password: 'horse' },
    })
    const visitor = await Visitor.arrive(browser, { javaScriptEnabled: false })
    await visitor.page.goto(stagePage('m.login.terms', body['session']))
    await visitor.presses('I accept')
    await visitor.sees('Done')
    await visitor.page.goto(stagePage('m.login.terms', 'unknown'))
    await visitor.sees('Nothing to confirm')
    await visitor.leave()
  })
})
