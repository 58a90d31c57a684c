import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountListener } from '../../homeserver/accounts/account-listener.ts'
import { updateAccount } from '../../storage/accounts/account-writer.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const PASSWORD_PATH = '/_matrix/client/v3/account/password'
const PASSWORD = 'correct horse'

let server: TestServer
const told: string[] = []
const listener: AccountListener = {
  async devicesDeleted(user, deviceIds) {
    told.push(`${user.userId} lost ${deviceIds.length}`)
  },
  async accountDeactivated(user, erase) {
    told.push(`${user.userId} closed ${erase}`)
  },
}

beforeAll(async () => {
  server = await startTestServer('password_config: { policy: { enabled: true, minimum_length: 5 } }\n')
  server.accounts.listeners.push(listener)
})
afterAll(() => server.close())

const logIn = (user: string, password: string) =>
  server.request('POST', '/_matrix/client/v3/login', { body: { type: 'm.login.password', user, password } })
const passwordOf = (user: string, password = PASSWORD) => ({
  auth: { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password },
})
const isAlive = async (token: unknown) =>
  (await server.request('GET', '/_matrix/client/v3/account/whoami', { token: String(token) })).status === 200

test('a changed password ends the other devices, unless told otherwise', async () => {
  const { userId, token } = await server.register('changer')
  const other = (await logIn('changer', PASSWORD)).body.access_token
  const change = (body: object) => server.request('POST', PASSWORD_PATH, { token, body })
  expect((await change({ new_password: 'second' })).status).toBe(401)
  expect((await change({ new_password: 'tiny', ...passwordOf(userId) })).body.errcode).toBe('M_WEAK_PASSWORD')
  expect((await change({ ...passwordOf(userId) })).body.errcode).toBe('M_MISSING_PARAM')
  expect((await change({ new_password: 'second', ...passwordOf(userId) })).body).toEqual({})
  expect([await isAlive(token), await isAlive(other)]).toEqual([true, false])
  expect((await logIn('changer', PASSWORD)).status).toBe(403)
  const kept = (await logIn('changer', 'second')).body.access_token
  const body = { new_password: 'third', logout_devices: false, ...passwordOf(userId, 'second') }
  expect((await change(body)).status).toBe(200)
  expect(await isAlive(kept)).toBe(true)
  expect(told).toContain('@changer:test.example lost 1')
})

test('a closed account is closed for good', async () => {
  const { userId, token } = await server.register('closing')
  const path = '/_matrix/client/v3/account/deactivate'
  expect((await server.request('POST', path, { token })).status).toBe(401)
  const wrong = await server.request('POST', path, { token, body: passwordOf(userId, 'wrong') })
  expect([wrong.status, wrong.body.errcode]).toEqual([401, 'M_FORBIDDEN'])
  const done = await server.request('POST', path, { token, body: { erase: true, ...passwordOf(userId) } })
  expect(done.body).toEqual({ id_server_unbind_result: 'success' })
  expect(await isAlive(token)).toBe(false)
  expect((await logIn('closing', PASSWORD)).status).toBe(403)
  expect((await server.request('GET', `/_matrix/client/v3/profile/${userId}`)).status).toBe(404)
  const again = { username: 'closing', password: PASSWORD, auth: { type: 'm.login.dummy' } }
  const taken = await server.request('POST', '/_matrix/client/v3/register', { body: again })
  expect(taken.body.errcode).toBe('M_USER_IN_USE')
  await expect.poll(() => told).toContain('@closing:test.example closed true')
})

test('an account without a password cannot be given one, and says so', async () => {
  const { userId, token } = await server.register('ssoonly')
  const nid = await server.context.interner.userNid(userId)
  await updateAccount(server.database.queries, nid, { password_hash: null })
  const answer = await server.request('POST', PASSWORD_PATH, { token, body: { new_password: 'second' } })
  expect([answer.status, answer.body.errcode]).toEqual([403, 'M_FORBIDDEN'])
  const { body } = await server.request('GET', '/_matrix/client/v3/capabilities', { token })
  expect(body.capabilities).toMatchObject({ 'm.change_password': { enabled: false } })
})
