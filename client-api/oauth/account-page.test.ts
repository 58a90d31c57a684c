import { get } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeCrossSigningReset } from '../../homeserver/oauth/cross-signing-reset.ts'
import { updateAccount } from '../../storage/accounts/account-writer.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { metadataOf, signIn } from './oauth.fixture.ts'
import { TestBrowser } from './test-browser.ts'

let server: TestServer
let account: string
beforeAll(async () => {
  server = await startTestServer()
  account = (await metadataOf(server))['account_management_uri']!
})
afterAll(() => server.close())

const linked = (action: string, deviceId = '') =>
  `${account}?${new URLSearchParams({ action, ...(deviceId !== '' && { device_id: deviceId }) })}`

test('a link leads to its part of the page, by way of signing in', async () => {
  const { deviceId, token } = await server.register('alice')
  const browser = new TestBrowser(server.url)
  const device = await signIn(
    browser,
    await browser.open(linked('org.matrix.device_view', deviceId)),
    'alice',
  )
  expect(device.text).toContain(deviceId)
  await browser.submit(device, '/rename-device', { name: 'Kitchen <i>' })
  expect((await browser.open(linked('org.matrix.sessions_list'))).text).toContain('Kitchen &lt;i&gt;')
  const profile = await browser.open(linked('org.matrix.profile'))
  await browser.submit(profile, '/profile', { displayname: 'Alice in Wonderland' })
  const path = `/_matrix/client/v3/profile/${encodeURIComponent('@alice:test.example')}/displayname`
  expect((await server.request('GET', path)).body).toEqual({ displayname: 'Alice in Wonderland' })
  const end = await browser.open(linked('org.matrix.session_end', deviceId))
  expect((await browser.submit(end, '/end-device')).text).toContain('no sessions')
  expect((await server.request('GET', '/_matrix/client/v3/account/whoami', { token })).status).toBe(401)
  expect((await browser.open(linked('org.matrix.device_delete', deviceId))).status).toBe(404)
})

test('a suspended user gets no other name here either', async () => {
  const { userId } = await server.register('silenced')
  const browser = new TestBrowser(server.url)
  const page = await signIn(browser, await browser.open(linked('org.matrix.profile')), 'silenced')
  const userNid = await server.context.interner.userNid(userId)
  await updateAccount(server.database.queries, userNid, { suspended: true })
  expect((await browser.submit(page, '/profile', { displayname: 'Loud' })).status).toBe(403)
  const path = `/_matrix/client/v3/profile/${encodeURIComponent(userId)}/displayname`
  expect((await server.request('GET', path)).body).not.toEqual({ displayname: 'Loud' })
})

test('another user’s devices are not there', async () => {
  await server.register('mallory')
  const { deviceId, token } = await server.register('victim')
  const browser = new TestBrowser(server.url)
  const page = await signIn(
    browser,
    await browser.open(linked('org.matrix.device_view', deviceId)),
    'mallory',
  )
  expect(page.status).toBe(404)
  const own = await browser.open(linked('org.matrix.profile'))
  const forged = { ...own, text: own.text.replaceAll('/account/profile', '/account/end-device') }
  expect((await browser.submit(forged, '/end-device', { device_id: deviceId })).status).toBe(404)
  expect((await server.request('GET', '/_matrix/client/v3/account/whoami', { token })).status).toBe(200)
})

test('a new password is asked for the old one, and signs other browsers out', async () => {
  await server.register('bob')
  const browser = new TestBrowser(server.url)
  const other = new TestBrowser(server.url)
  const page = await signIn(browser, await browser.open(account), 'bob')
  await signIn(other, await other.open(account), 'bob')
  const change = { new_password: 'another horse', sign_out: 'yes' }
  expect((await browser.submit(page, '/password', { ...change, password: 'wrong' })).status).toBe(403)
  const after = await browser.submit(page, '/password', { ...change, password: 'correct horse' })
  expect(after.text).toContain('@bob:test.example')
  expect((await other.open(account)).url).toContain('/sign-in')
  const wrong = await signIn(other, await other.open(account), 'bob')
  expect([wrong.status, wrong.text]).toEqual([403, expect.stringContaining('wrong')])
})

test('replacing the cross-signing keys is allowed by password, once', async () => {
  const { userId } = await server.register('carol')
  const user = { userId, userNid: await server.context.interner.userNid(userId) }
  const browser = new TestBrowser(server.url)
  const page = await signIn(browser, await browser.open(linked('org.matrix.cross_signing_reset')), 'carol')
  expect((await browser.submit(page, '/reset-cross-signing', { password: 'wrong' })).status).toBe(403)
  expect(await takeCrossSigningReset(server.accounts, user)).toBe(false)
  await browser.submit(page, '/reset-cross-signing', { password: 'correct horse' })
  expect(await takeCrossSigningReset(server.accounts, user)).toBe(true)
  expect(await takeCrossSigningReset(server.accounts, user)).toBe(false)
})

test('an account is closed by password, and its browsers are signed out', async () => {
  const { token } = await server.register('dave')
  const browser = new TestBrowser(server.url)
  const page = await signIn(browser, await browser.open(linked('org.matrix.account_deactivate')), 'dave')
  expect((await browser.submit(page, '/deactivate', { password: 'correct horse' })).status).toBe(400)
  const closed = await browser.submit(page, '/deactivate', { password: 'correct horse', sure: 'yes' })
  expect(closed.text).toContain('has been closed')
  expect((await server.request('GET', '/_matrix/client/v3/account/whoami', { token })).status).toBe(401)
  expect((await browser.open(account)).url).toContain('/sign-in')
})

test('wrong passwords are limited on the page as elsewhere', async () => {
  const limits = '{ per_second: 0.01, burst_count: 2 }'
  const lenient = '{ per_second: 1000, burst_count: 1000 }'
  const config = `rc_login: { address: ${lenient}, account: ${lenient}, failed_attempts: ${limits} }\n`
  const strict = await startTestServer(config, { lenient: false })
  try {
    await strict.register('alice')
    const browser = new TestBrowser(strict.url)
    const page = await browser.open((await metadataOf(strict))['account_management_uri']!)
    const statuses = []
    for (const password of ['a', 'b', 'correct horse']) {
      statuses.push((await signIn(browser, page, 'alice', password)).status)
    }
    expect(statuses).toEqual([403, 403, 429])
  } finally {
    await strict.close()
  }
})

test('a server without a known address, or with OAuth turned off, has no such API', async () => {
  const off = await startTestServer('oauth: { enabled: false }\n')
  try {
    const answer = await off.request('GET', '/_matrix/client/v1/auth_metadata')
    expect([answer.status, answer.body['errcode']]).toEqual([404, 'M_UNRECOGNIZED'])
  } finally {
    await off.close()
  }
  const { hostname, port } = new URL(server.url)
  const elsewhere = await new Promise<number | undefined>((resolve, reject) => {
    const path = '/_matrix/client/v1/auth_metadata'
    const headers = { host: 'matrix.example' }
    get({ hostname, port, path, headers }, (response) => resolve(response.resume().statusCode)).on(
      'error',
      reject,
    )
  })
  expect(elsewhere).toBe(404)
})
