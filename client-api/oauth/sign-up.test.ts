import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccount } from '../../homeserver/accounts/create-account.ts'
import { insertRegistrationToken } from '../../storage/accounts/registration-tokens.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { PATHS } from './paths.ts'
import { TestBrowser } from './test-browser.ts'

const ACCOUNT = { password: 'correct horse', repeated: 'correct horse' }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer(`
registration_requires_token: true
user_consent:
  require_at_registration: true
  version: '2.0'
  policies: { terms: { en: { name: "Terms & <Conditions>", url: 'https://example.org/terms' } } }
`)
  const token = { token: 'open-sesame', usesAllowed: 1, expiresTs: null, makesAdmin: false }
  await insertRegistrationToken(server.database.queries, token)
})
afterAll(() => server.close())

test('the page asks for what a registration needs: a token, once, and the policies', async () => {
  const browser = new TestBrowser(server.url)
  const page = await browser.open(server.url + PATHS.signUp)
  expect(page.text).toContain('Terms &amp; &lt;Conditions&gt;')
  const sign = (user: string, fields: Readonly<Record<string, string>>) =>
    browser.submit(page, '/sign-up', { user, ...ACCOUNT, ...fields })
  const refused = [
    await sign('alice', { token: 'open-sesame' }),
    await sign('alice', { token: 'open-sesame', accepted: '1.0' }),
    await sign('alice', { token: 'wrong', accepted: '2.0' }),
    await sign('alice', { accepted: '2.0' }),
  ]
  expect(refused.map(({ status }) => status)).toEqual([400, 400, 403, 403])
  const welcome = await sign('alice', { token: 'open-sesame', accepted: '2.0' })
  expect(welcome.text).toContain('@alice:test.example')
  const account = server.database.queries.selectFrom('account').select('consent_version')
  expect(await account.execute()).toEqual([{ consent_version: '2.0' }])
  expect((await sign('bob', { token: 'open-sesame', accepted: '2.0' })).status).toBe(403)
})

test('a registration that asks for more than the page can is not offered on it', async () => {
  const captcha = 'enable_registration_captcha: true\nrecaptcha_public_key: a\nrecaptcha_private_key: b\n'
  const other = await startTestServer(captcha)
  try {
    const browser = new TestBrowser(other.url)
    // Until somebody administers the server, a registration token opens it in any case.
    expect((await browser.open(other.url + PATHS.signUp)).text).toContain('Registration token')
    await createAccount(other.accounts, { userId: '@root:test.example', password: 'root', admin: true })
    expect((await browser.open(other.url + PATHS.signUp)).status).toBe(403)
    expect((await browser.open(other.url + PATHS.signIn)).text).not.toContain('Create an account')
  } finally {
    await other.close()
  }
})
