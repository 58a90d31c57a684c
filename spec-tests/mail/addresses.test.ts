import { afterAll, beforeAll, expect, it } from 'vitest'
import { CLIENT_SECRET as SECRET, pressButton, registerByMail } from '../support/register-by-mail.ts'
import { linkIn, startSmtpServer, type SmtpServer } from '../support/smtp.ts'
import type { Json, TestAnswer, TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const V3 = '/_matrix/client/v3'
const PASSWORD = 'correct horse battery'
const GENEROUS = { per_second: 10_000, burst_count: 10_000 }
const EMAIL = { notif_from: '%(app)s <noreply@here.test>', app_name: 'Meridian <&> "friends"' }

let smtp: SmtpServer
let server: TestServer
let anonymous: TestClient
let count = 0

function settings(port: number): Json {
  return {
    public_baseurl: 'http://public.test/',
    rc_3pid_validation: GENEROUS,
    email: { ...EMAIL, smtp_host: '127.0.0.1', smtp_port: port },
  }
}

beforeAll(async () => {
  smtp = await startSmtpServer()
  server = await startTestServer({ config: settings(smtp.port) })
  anonymous = server.anonymous()
})
afterAll(async () => {
  await server.close()
  await smtp.close()
})

const newAddress = (): string => `user${++count}@mail.test`

function requestToken(
  path: string,
  email: string,
  changes: Json = {},
  client = anonymous,
): Promise<TestAnswer> {
  const body = { client_secret: SECRET, send_attempt: 1, email, ...changes }
  return client.request('POST', `${V3}${path}/email/requestToken`, body)
}

/** Opens the link of a mail as a browser does, and presses the button of the page. */
async function confirm(link: URL): Promise<{ status: number; text: string }> {
  const page = await fetch(server.url + link.pathname + link.search)
  expect(await page.text()).toContain('Confirm your mail address')
  return press(link)
}

const press = (link: URL) => pressButton(server.url, link)

const registered = (username: string, email: string) => registerByMail(server.url, smtp, username, email)

function logIn(identifier: Json, password = PASSWORD): Promise<TestAnswer> {
  return anonymous.request('POST', `${V3}/login`, { type: 'm.login.password', identifier, password })
}

const byAddress = (address: string): Json => ({ type: 'm.id.thirdparty', medium: 'email', address })

async function addressesOf(client: TestClient): Promise<readonly Json[]> {
  return (await client.call('GET', '/account/3pid'))['threepids'] as readonly Json[]
}

it('registers with an address, by which one logs in from then on', async () => {
  const email = newAddress()
  const { body } = await anonymous.request('POST', `${V3}/register`, {
    username: 'unused',
    password: PASSWORD,
  })
  // The token is for the first administrator.
  const token = { stages: ['m.login.registration_token'] }
  const flows = [{ stages: ['m.login.dummy'] }, { stages: ['m.login.email.identity'] }, token]
  expect(body['flows']).toEqual(flows)
  const client = await registered('mailed', email.toUpperCase())
  expect(await addressesOf(client)).toEqual([
    { medium: 'email', address: email, validated_at: expect.any(Number), added_at: expect.any(Number) },
  ])
  expect((await logIn(byAddress(email))).body['user_id']).toBe(client.userId)
  expect((await logIn(byAddress(email), 'wrong password')).status).toBe(403)
  const wrong = await logIn(byAddress('nobody@mail.test'))
  expect([wrong.status, wrong.body['errcode']]).toEqual([403, 'M_FORBIDDEN'])
  const { body: capabilities } = await client.request('GET', `${V3}/capabilities`)
  expect(capabilities['capabilities']).toMatchObject({ 'm.3pid_changes': { enabled: true } })
})

it('a mail says what it is for, escaped, and its link confirms nothing until the button is pressed', async () => {
  const email = newAddress()
  const { body } = await requestToken('/register', email)
  const mail = await smtp.mailTo(email)
  expect(mail.raw).toContain('Subject: [here.test] Validate your email')
  expect(mail.raw).toContain('Meridian &#60;&#38;&#62; &#34;friends&#34;')
  const creds = { sid: body['sid'], client_secret: SECRET }
  const register = () =>
    anonymous.request('POST', `${V3}/register`, {
      username: `scanned${count}`,
      password: PASSWORD,
      auth: { type: 'm.login.email.identity', threepid_creds: creds },
    })
  const link = linkIn(mail)
  // What a mail scanner does.
  for (let n = 0; n < 3; n++) await fetch(server.url + link.pathname + link.search)
  expect((await register()).status).toBe(401)
  expect((await press(link)).status).toBe(200)
  expect((await register()).status).toBe(200)
  expect((await register()).status).toBe(400)
})

it('sends no second mail for the same attempt, and one for the next', async () => {
  const email = newAddress()
  const sid = (await requestToken('/register', email)).body['sid']
  await smtp.mailTo(email)
  expect((await requestToken('/register', email)).body['sid']).toBe(sid)
  expect((await requestToken('/register', email, { send_attempt: 2 })).body['sid']).toBe(sid)
  await smtp.mailTo(email, 1)
  expect(smtp.mails.filter(({ to }) => to.includes(email))).toHaveLength(2)
  expect((await requestToken('/register', email, { client_secret: 'other' })).body['sid']).not.toBe(sid)
})

it('adds an address after the password, and takes it away', async () => {
  const client = await server.register('adder')
  const email = newAddress()
  const { body } = await requestToken('/account/3pid', email, {}, client)
  const add = (auth?: Json) =>
    client.request('POST', `${V3}/account/3pid/add`, { sid: body['sid'], client_secret: SECRET, auth })
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: client.userId },
    password: PASSWORD,
  }
  expect((await add()).status).toBe(401)
  const early = await add(auth)
  expect([early.status, early.body['errcode']]).toEqual([400, 'M_THREEPID_AUTH_FAILED'])
  await confirm(linkIn(await smtp.mailTo(email)))
  expect((await add(auth)).status).toBe(200)
  expect((await addressesOf(client)).map(({ address }) => address)).toEqual([email])
  const taken = await requestToken('/account/3pid', email, {}, await server.register('late'))
  expect([taken.status, taken.body['errcode']]).toEqual([400, 'M_THREEPID_IN_USE'])
  expect((await logIn(byAddress(email))).status).toBe(200)
  const gone = await client.call('POST', '/account/3pid/delete', { medium: 'email', address: email })
  expect(gone).toEqual({ id_server_unbind_result: 'no-support' })
  expect(await addressesOf(client)).toEqual([])
  expect((await logIn(byAddress(email))).status).toBe(403)
})

it('takes an address by the deprecated endpoint as well, and by the password alone', async () => {
  const client = await server.register('older')
  const email = newAddress()
  const { body } = await requestToken('/account/3pid', email, {}, client)
  await confirm(linkIn(await smtp.mailTo(email)))
  const creds = { sid: body['sid'], client_secret: SECRET, id_server: 'unused', id_access_token: 'unused' }
  const add = (changes: Json) =>
    client.request('POST', `${V3}/account/3pid`, { three_pid_creds: creds, ...changes })
  expect((await add({ three_pid_creds: undefined })).body['errcode']).toBe('M_MISSING_PARAM')
  const identifier = { type: 'm.id.user', user: client.userId }
  const auth = { type: 'm.login.password', identifier, password: PASSWORD }
  expect((await add({ auth: { ...auth, password: 'wrong' } })).status).toBe(401)
  expect((await add({ auth })).status).toBe(200)
  expect((await addressesOf(client)).map(({ address }) => address)).toEqual([email])
})

it('whoever reads the mail sets a new password, once; all devices end', async () => {
  const email = newAddress()
  const client = await registered('forgetful', email)
  const { body } = await requestToken('/account/password', email)
  const reset = (changes: Json = {}) =>
    anonymous.request('POST', `${V3}/account/password`, {
      new_password: 'another horse battery',
      auth: {
        type: 'm.login.email.identity',
        threepid_creds: { sid: body['sid'], client_secret: SECRET, ...changes },
      },
    })
  expect((await reset()).status).toBe(401)
  const mail = await smtp.mailTo(email, 1)
  expect(mail.raw).toContain('Subject: [here.test] Password reset')
  await confirm(linkIn(mail))
  expect((await reset({ client_secret: 'anothers' })).status).toBe(401)
  expect((await reset()).status).toBe(200)
  expect((await reset()).status).toBe(401)
  expect((await client.request('GET', `${V3}/account/whoami`)).status).toBe(401)
  expect((await logIn(byAddress(email))).status).toBe(403)
  expect((await logIn(byAddress(email), 'another horse battery')).status).toBe(200)
})

it('a proof is good for what it was asked for alone', async () => {
  const email = newAddress()
  const { body } = await requestToken('/register', email)
  await confirm(linkIn(await smtp.mailTo(email)))
  const creds = { sid: body['sid'], client_secret: SECRET }
  const answer = await anonymous.request('POST', `${V3}/account/password`, {
    new_password: 'another horse battery',
    auth: { type: 'm.login.email.identity', threepid_creds: creds },
  })
  expect([answer.status, answer.body['errcode']]).toEqual([401, 'M_UNAUTHORIZED'])
})

it.each<[string, string, Json, number, string]>([
  ['an unknown address', '/account/password', { email: 'nobody@mail.test' }, 400, 'M_THREEPID_NOT_FOUND'],
  ['a header in the address', '/register', { email: 'a@b.test\r\nBcc: c@d.test' }, 400, 'M_INVALID_PARAM'],
  ['two addresses', '/register', { email: 'a@b.test, c@d.test' }, 400, 'M_INVALID_PARAM'],
  ['a name with the address', '/register', { email: 'A <a@b.test>' }, 400, 'M_INVALID_PARAM'],
  ['no address', '/register', { email: 'nonsense' }, 400, 'M_INVALID_PARAM'],
  ['a long address', '/register', { email: `${'a'.repeat(250)}@b.test` }, 400, 'M_INVALID_PARAM'],
  ['U+0000', '/register', { email: 'a\0@b.test' }, 400, 'M_INVALID_PARAM'],
  ['a bad secret', '/register', { client_secret: 'with space' }, 400, 'M_INVALID_PARAM'],
  ['a long secret', '/register', { client_secret: 'a'.repeat(256) }, 400, 'M_INVALID_PARAM'],
  ['a text as the attempt', '/register', { send_attempt: 'one' }, 400, 'M_BAD_JSON'],
  ['a script as the next link', '/register', { next_link: 'javascript:alert(1)' }, 400, 'M_INVALID_PARAM'],
  ['a file as the next link', '/register', { next_link: 'file:///etc/passwd' }, 400, 'M_INVALID_PARAM'],
])('refuses %s', async (_what, path, changes, status, errcode) => {
  const answer = await requestToken(path, 'sound@mail.test', changes)
  expect([answer.status, answer.body['errcode']]).toEqual([status, errcode])
})

it('wrong tokens are refused with the codes of MSC4183, as JSON and as a page', async () => {
  const email = newAddress()
  const { body } = await requestToken('/register', email, { next_link: 'https://app.test/?a=1&b=<x>' })
  const link = linkIn(await smtp.mailTo(email))
  const submit = (changes: Json) =>
    anonymous.request('POST', link.pathname, {
      sid: body['sid'],
      client_secret: SECRET,
      token: link.searchParams.get('token'),
      ...changes,
    })
  for (const changes of [
    { token: 'wrong' },
    { sid: 'unknown' },
    { sid: 'a\0' },
    { client_secret: 'anothers' },
  ]) {
    const answer = await submit(changes)
    expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_TOKEN_INCORRECT'])
  }
  const wrong = new URL(link)
  wrong.searchParams.set('token', '"><script>alert(1)</script>')
  const page = await fetch(server.url + wrong.pathname + wrong.search)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await page.text()).not.toContain('<script>')
  expect((await press(wrong)).status).toBe(400)
  const done = await press(link)
  expect(done.text).toContain('href="https://app.test/?a=1&#38;b=%3Cx%3E"')
  expect((await submit({})).body).toEqual({ success: true })
})

it('has no telephone numbers', async () => {
  const client = await server.register('caller')
  for (const path of ['/register', '/account/password', '/account/3pid']) {
    const answer = await client.request('POST', `${V3}${path}/msisdn/requestToken`, {})
    expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_THREEPID_MEDIUM_NOT_SUPPORTED'])
  }
})

it('tells nobody which addresses have accounts, sends refused mails again, and bounds the mails', async () => {
  const moody = await startSmtpServer({ refuses: true })
  const hiding = await startTestServer({
    config: {
      ...settings(moody.port),
      request_token_inhibit_3pid_errors: true,
      registrations_require_3pid: ['email'],
      rc_3pid_validation: { per_second: 0.001, burst_count: 3 },
    },
  })
  try {
    const client = hiding.anonymous()
    const { body } = await client.request('POST', `${V3}/register`, { username: 'a', password: PASSWORD })
    expect(body['flows']).not.toContainEqual({ stages: ['m.login.dummy'] })
    expect(body['flows']).toContainEqual({ stages: ['m.login.email.identity'] })
    const unknown = await requestToken('/account/password', 'nobody@mail.test', {}, client)
    expect([unknown.status, Object.keys(unknown.body)]).toEqual([200, ['sid']])
    expect((await requestToken('/register', 'new@mail.test', {}, client)).status).toBe(200)
    await moody.mailTo('new@mail.test')
    expect(moody.mails).toHaveLength(1)
    expect((await requestToken('/register', 'third@mail.test', {}, client)).status).toBe(200)
    expect((await requestToken('/register', 'fourth@mail.test', {}, client)).status).toBe(429)
  } finally {
    await hiding.close()
    await moody.close()
  }
})
