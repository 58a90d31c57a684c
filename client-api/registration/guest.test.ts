import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const REGISTER = '/_matrix/client/v3/register'
const PASSWORD = 'correct horse'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('allow_guest_access: true\nui_auth: { session_timeout: 1m }\n')
})
afterAll(() => server.close())

async function guest() {
  const body = { username: 'ignored', device_id: 'IGNORED', inhibit_login: true }
  const answer = await server.request('POST', `${REGISTER}?kind=guest`, { body })
  expect(answer.status).toBe(200)
  const { user_id, access_token, device_id } = answer.body
  return { userId: String(user_id), token: String(access_token), deviceId: String(device_id) }
}

const upgrade = (username: string, guestToken: string) =>
  server.request('POST', REGISTER, {
    body: {
      username,
      password: PASSWORD,
      guest_access_token: guestToken,
      auth: { type: 'm.login.dummy' },
    },
  })
const nameOf = (userId: string) => userId.slice(1, userId.indexOf(':'))

test('of what a guest says at registration nothing counts but the name of the device', async () => {
  const { userId, token, deviceId } = await guest()
  expect(userId).toMatch(/^@u[0-9a-f]{16}:test\.example$/)
  expect(deviceId).not.toBe('IGNORED')
  const me = await server.request('GET', '/_matrix/client/v3/account/whoami', { token })
  expect(me.body).toMatchObject({ user_id: userId, is_guest: true })
})

test.each([
  ['PUT', '/user/ME/account_data/x.y', { a: 1 }],
  ['GET', '/pushrules/', undefined],
  ['POST', '/account/password', { new_password: 'x' }],
  ['POST', '/account/deactivate', {}],
  ['PUT', '/profile/ME/avatar_url', { avatar_url: 'mxc://a/b' }],
  ['GET', '/account/3pid', undefined],
])('guests may not %s %s', async (method, path, body) => {
  const { userId, token } = await guest()
  const own = `/_matrix/client/v3${path.replace('ME', encodeURIComponent(userId))}`
  const answer = await server.request(method, own, { token, body })
  expect([answer.status, answer.body.errcode]).toEqual([403, 'M_GUEST_ACCESS_FORBIDDEN'])
})

test('a guest may have a name and manage the device', async () => {
  const { userId, token, deviceId } = await guest()
  const name = `/_matrix/client/v3/profile/${encodeURIComponent(userId)}/displayname`
  const named = await server.request('PUT', name, { token, body: { displayname: 'Guest' } })
  const device = `/_matrix/client/v3/devices/${deviceId}`
  const renamed = await server.request('PUT', device, { token, body: { display_name: 'x' } })
  expect([named.status, renamed.status]).toEqual([200, 200])
})

test('a guest becomes a user under the same name, once', async () => {
  const { userId, token } = await guest()
  const other = await guest()
  expect((await upgrade(nameOf(userId), other.token)).body.errcode).toBe('M_USER_IN_USE')
  expect((await upgrade(nameOf(userId), 'nonsense')).status).toBe(403)
  const answers = await Promise.all([1, 2, 3].map(() => upgrade(nameOf(userId), token)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  const me = await server.request('GET', '/_matrix/client/v3/account/whoami', { token })
  expect(me.body).toMatchObject({ user_id: userId, is_guest: false })
  const body = { type: 'm.login.password', user: userId, password: PASSWORD }
  expect((await server.request('POST', '/_matrix/client/v3/login', { body })).status).toBe(200)
  const full = await server.register('fulluser')
  expect((await upgrade('fulluser', full.token)).status).toBe(403)
})

test('a password that was just given is not asked for again, except for what cannot be undone', async () => {
  const { userId, token } = await server.register('prover')
  const login = { type: 'm.login.password', user: userId, password: PASSWORD }
  const more = await Promise.all(
    ['ONE', 'TWO'].map((device_id) =>
      server.request('POST', '/_matrix/client/v3/login', { body: { ...login, device_id } }),
    ),
  )
  const remove = (device: string, body?: object) =>
    server.request('DELETE', `/_matrix/client/v3/devices/${device}`, { token, body })
  expect((await remove('ONE')).status).toBe(401)
  expect((await remove('ONE', { auth: login })).status).toBe(200)
  expect((await remove('TWO')).status).toBe(200)
  const gone = await server.request('GET', '/_matrix/client/v3/account/whoami', {
    token: String(more[1]!.body.access_token),
  })
  expect(gone.status).toBe(401)
  const path = '/_matrix/client/v3/account/deactivate'
  expect((await server.request('POST', path, { token, body: {} })).status).toBe(401)
})
