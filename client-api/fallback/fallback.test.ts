import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertRegistrationToken } from '../../storage/accounts/registration-tokens.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const REGISTER = '/_matrix/client/v3/register'
const STAGES = ['m.login.recaptcha', 'm.login.terms', 'm.login.registration_token']

let server: TestServer
let verifier: Server
const asked: string[] = []

beforeAll(async () => {
  verifier = createServer((message, response) => {
    void text(message).then((body) => {
      asked.push(body)
      response.end(JSON.stringify({ success: new URLSearchParams(body).get('response') === 'human' }))
    })
  })
  await new Promise<void>((resolve) => verifier.listen(0, '127.0.0.1', resolve))
  const { port } = verifier.address() as AddressInfo
  server = await startTestServer(`
registration_requires_token: true
enable_registration_captcha: true
recaptcha_public_key: "the \\"public\\" key"
recaptcha_private_key: the private key
recaptcha_siteverify_api: http://127.0.0.1:${port}/verify
user_consent:
  require_at_registration: true
  version: '2.0'
  policies: { terms_of_service: { en: { name: "Terms & <Conditions>", url: 'https://example.org/terms?a=1&b=2' } } }
`)
  const token = { token: 'open-sesame', usesAllowed: null, expiresTs: null, makesAdmin: false }
  await insertRegistrationToken(server.database.queries, token)
})
afterAll(async () => {
  await server.close()
  verifier.close()
})

const register = (username: string, auth?: object) =>
  server.request('POST', REGISTER, { body: { username, password: 'correct horse', ...(auth && { auth }) } })
const pageOf = (stage: string, session: unknown) =>
  `${server.url}/_matrix/client/v3/auth/${stage}/fallback/web?session=${encodeURIComponent(String(session))}`
async function fill(stage: string, session: unknown, form: Record<string, string> = {}) {
  const response = await fetch(pageOf(stage, session), { method: 'POST', body: new URLSearchParams(form) })
  return { status: response.status, html: await response.text() }
}

test('every stage is told with its parameters, and done by the API', async () => {
  const { status, body } = await register('byapi')
  const policies = {
    terms_of_service: {
      version: '2.0',
      en: { name: 'Terms & <Conditions>', url: 'https://example.org/terms?a=1&b=2' },
    },
  }
  expect([status, body]).toEqual([
    401,
    {
      flows: [{ stages: STAGES }],
      params: { 'm.login.recaptcha': { public_key: 'the "public" key' }, 'm.login.terms': { policies } },
      session: expect.any(String),
    },
  ])
  const step = (type: string, fields: object = {}) =>
    register('byapi', { type, session: body.session, ...fields })
  expect((await step('m.login.recaptcha', {})).body).toMatchObject({ errcode: 'M_CAPTCHA_NEEDED' })
  const machine = await step('m.login.recaptcha', { response: 'machine' })
  expect([machine.status, machine.body]).toMatchObject([401, { errcode: 'M_CAPTCHA_INVALID' }])
  const solved = await step('m.login.recaptcha', { response: 'human' })
  expect([solved.status, solved.body]).toMatchObject([401, { completed: ['m.login.recaptcha'] }])
  expect(asked.at(-1)).toBe('secret=the+private+key&response=human')
  expect((await step('m.login.terms')).body).toMatchObject({ completed: STAGES.slice(0, 2) })
  const done = await step('m.login.registration_token', { token: 'open-sesame' })
  expect([done.status, done.body.user_id]).toEqual([200, '@byapi:test.example'])
  const consents = server.database.queries.selectFrom('account').select('consent_version')
  expect(await consents.executeTakeFirst()).toEqual({ consent_version: '2.0' })
})

test('every stage is done in a browser, in any order, and the session alone then registers', async () => {
  const { session } = (await register('bybrowser')).body
  const terms = await (await fetch(pageOf('m.login.terms', session))).text()
  expect(terms).toContain('href="https://example.org/terms?a=1&#38;b=2"')
  expect(terms).toContain('Terms &#38; &#60;Conditions&#62;')
  const done = await fill('m.login.terms', session)
  expect(done.html).toContain('window.onAuthDone()')
  const wrong = await fill('m.login.registration_token', session, { token: '<script>' })
  expect([wrong.status, wrong.html.includes('role="alert"')]).toEqual([401, true])
  expect((await fill('m.login.registration_token', session, { token: 'open-sesame' })).status).toBe(200)
  expect((await fill('m.login.recaptcha', session, { 'g-recaptcha-response': 'machine' })).status).toBe(401)
  const early = await register('bybrowser', { session })
  expect([early.status, early.body.completed]).toEqual([401, ['m.login.terms', 'm.login.registration_token']])
  expect((await fill('m.login.recaptcha', session, { 'g-recaptcha-response': 'human' })).status).toBe(200)
  const registered = await register('bybrowser', { session })
  expect([registered.status, registered.body.user_id]).toEqual([200, '@bybrowser:test.example'])
})

test('a page runs no script but its own and the captcha, and cannot be framed', async () => {
  const { session } = (await register('careful')).body
  const response = await fetch(pageOf('m.login.recaptcha', session))
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(
    /script-src https:\/\/www\.recaptcha\.net\/recaptcha\/ https:\/\/www\.gstatic\.com\/recaptcha\/;/,
  )
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(await response.text()).toContain('data-sitekey="the &#34;public&#34; key"')
  const terms = await fetch(pageOf('m.login.terms', session))
  expect(terms.headers.get('content-security-policy')).toContain("script-src 'none'")
})

test.each([
  ['m.login.terms', 'nonsense'],
  ['m.login.terms', '\0'],
  ['m.login.unheard', undefined],
  ['__proto__', undefined],
  ['m.login.password', undefined],
])('%s with the session %j is nothing to confirm', async (stage, given) => {
  const session = given ?? (await register('nobody')).body.session
  expect((await fetch(pageOf(stage, session))).status).toBe(400)
  expect((await fill(stage, session)).status).toBe(400)
})

test("a password in the browser is the user's own", async () => {
  const nid = await server.context.interner.userNid('@byapi:test.example')
  const login = { type: 'm.login.password', user: 'byapi', password: 'correct horse' }
  const { access_token } = (await server.request('POST', '/_matrix/client/v3/login', { body: login })).body
  const close = (body: object) =>
    server.request('POST', '/_matrix/client/v3/account/deactivate', { token: String(access_token), body })
  const { session } = (await close({})).body
  expect((await fill('m.login.password', session, { password: 'wrong' })).status).toBe(401)
  expect((await fill('m.login.password', session, { password: 'correct horse' })).status).toBe(200)
  expect((await close({ auth: { session } })).status).toBe(200)
  const { deactivated } = await server.database.queries
    .selectFrom('account')
    .select('deactivated')
    .where('user_nid', '=', nid)
    .executeTakeFirstOrThrow()
  expect(deactivated).toBe(true)
})

test('the login page, the landing page and robots.txt are there', async () => {
  const login = await fetch(`${server.url}/_matrix/static/client/login/?device_id=X`)
  expect(login.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await login.text()).toContain('window.matrixLogin.onLogin(answer)')
  const landing = await fetch(`${server.url}/`, { headers: { accept: 'text/html' } })
  expect([landing.status, await landing.text()]).toEqual([200, expect.stringContaining('test.example')])
  expect(await (await fetch(`${server.url}/robots.txt`)).text()).toBe('User-agent: *\nDisallow: /\n')
})
