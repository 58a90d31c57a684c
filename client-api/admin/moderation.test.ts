import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateAccount } from '../../storage/accounts/account-writer.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let server: TestServer
let root: { userId: string; deviceId: string; token: string }
beforeAll(async () => {
  server = await startTestServer()
  root = await administrator('root')
})
afterAll(() => server.close())

async function administrator(name: string) {
  const user = await server.register(name)
  const nid = await server.context.interner.userNid(user.userId)
  await updateAccount(server.database.queries, nid, { admin: true })
  server.accounts.sessions.forget(nid)
  return user
}

const path = (action: string, userId: string) =>
  `/_matrix/client/v1/admin/${action}/${encodeURIComponent(userId)}`
const put = (action: string, userId: string, body: unknown, token = root.token) =>
  server.request('PUT', path(action, userId), { token, body })
const whoAmI = (token: string) => server.request('GET', '/_matrix/client/v3/account/whoami', { token })

test('a locked user can only log out, and comes back when unlocked', async () => {
  const { userId, token } = await server.register('lockee')
  expect((await server.request('GET', path('lock', userId), { token: root.token })).body).toEqual({
    locked: false,
  })
  expect((await put('lock', userId, { locked: true })).body).toEqual({ locked: true })
  const refused = await whoAmI(token)
  expect([refused.status, refused.body]).toMatchObject([401, { errcode: 'M_USER_LOCKED', soft_logout: true }])
  const body = { type: 'm.login.password', user: 'lockee', password: 'correct horse' }
  const login = await server.request('POST', '/_matrix/client/v3/login', { body })
  expect([login.status, login.body.errcode]).toEqual([401, 'M_USER_LOCKED'])
  expect((await put('lock', userId, { locked: false })).body).toEqual({ locked: false })
  expect((await whoAmI(token)).status).toBe(200)
})

test('a suspended user reads, logs in and manages devices, and says nothing', async () => {
  const { userId, token, deviceId } = await server.register('suspect')
  expect((await put('suspend', userId, { suspended: true })).body).toEqual({ suspended: true })
  const told = await server.request('GET', path('suspend', userId), { token: root.token })
  expect(told.body).toEqual({ suspended: true })
  const body = { displayname: 'x' }
  const name = `/_matrix/client/v3/profile/${encodeURIComponent(userId)}/displayname`
  const renamed = await server.request('PUT', name, { token, body })
  expect([renamed.status, renamed.body.errcode]).toEqual([403, 'M_USER_SUSPENDED'])
  const removed = await server.request('DELETE', name, { token })
  expect(removed.body.errcode).toBe('M_USER_SUSPENDED')
  const device = `/_matrix/client/v3/devices/${deviceId}`
  expect((await server.request('PUT', device, { token, body: { display_name: 'y' } })).status).toBe(200)
  expect((await server.request('POST', '/_matrix/client/v3/logout', { token })).status).toBe(200)
  await put('suspend', userId, { suspended: false })
  const login = { type: 'm.login.password', user: 'suspect', password: 'correct horse' }
  const back = await server.request('POST', '/_matrix/client/v3/login', { body: login })
  const again = await server.request('PUT', name, { token: String(back.body.access_token), body })
  expect(again.status).toBe(200)
})

test.each(['lock', 'suspend'] as const)(
  '%s: by administrators alone, and not against each other',
  async (action) => {
    const key = action === 'lock' ? 'locked' : 'suspended'
    const other = await administrator(`other${action}`)
    const user = await server.register(`user${action}`)
    const outcome = async (userId: string, token?: string, body: unknown = { [key]: true }) => {
      const answer = await put(action, userId, body, token)
      return [answer.status, answer.body.errcode]
    }
    expect(await outcome('@nobody:test.example', user.token)).toEqual([403, 'M_FORBIDDEN'])
    expect(await outcome(root.userId)).toEqual([403, 'M_FORBIDDEN'])
    expect(await outcome(other.userId)).toEqual([403, 'M_FORBIDDEN'])
    expect(await outcome('@nobody:test.example')).toEqual([404, 'M_NOT_FOUND'])
    expect(await outcome('@x:elsewhere.example')).toEqual([400, 'M_INVALID_PARAM'])
    expect(await outcome('x')).toEqual([400, 'M_INVALID_PARAM'])
    expect(await outcome(user.userId, root.token, {})).toEqual([400, 'M_MISSING_PARAM'])
    expect(await outcome(user.userId, root.token, { [key]: 'yes' })).toEqual([400, 'M_BAD_JSON'])
  },
)

test('whois tells users of themselves and administrators of anybody', async () => {
  const alice = await server.register('alice')
  const bob = await server.register('bob')
  await server.accounts.lastSeen.flush()
  const ask = async (userId: string, token: string) => {
    const { status, body } = await server.request(
      'GET',
      `/_matrix/client/v3/admin/whois/${encodeURIComponent(userId)}`,
      { token },
    )
    return status === 200 ? body : status
  }
  await whoAmI(alice.token)
  await server.accounts.lastSeen.flush()
  const connections = [{ ip: '127.0.0.1', last_seen: expect.any(Number) }]
  const devices = { [alice.deviceId]: { sessions: [{ connections }] } }
  expect(await ask(alice.userId, alice.token)).toEqual({ user_id: alice.userId, devices })
  expect(await ask(alice.userId, root.token)).toEqual({ user_id: alice.userId, devices })
  expect(await ask(alice.userId, bob.token)).toBe(403)
  expect(await ask('@nobody:test.example', root.token)).toBe(404)
})

test('what administrators may do stands in their capabilities', async () => {
  const capabilitiesOf = async (token: string) =>
    (await server.request('GET', '/_matrix/client/v3/capabilities', { token })).body.capabilities
  const user = await server.register('plain')
  expect(await capabilitiesOf(root.token)).toMatchObject({
    'm.account_moderation': { lock: true, suspend: true },
  })
  expect(await capabilitiesOf(user.token)).not.toHaveProperty('m.account_moderation')
})
