import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { IDENTITY_TOKEN, startIdentityServer, type TestIdentityServer } from '../support/identity-server.ts'
import type { Json, TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const PASSWORD = 'correct horse battery'
const GENEROUS = { per_second: 10_000, burst_count: 10_000 }

let identity: TestIdentityServer
let server: TestServer
let alice: TestClient
let address: string
let count = 0
beforeAll(async () => {
  identity = await startIdentityServer()
  server = await startTestServer({
    config: {
      trusted_identity_servers: [identity.url],
      rc_3pid_validation: GENEROUS,
      listeners: [
        { port: 0, bind_addresses: ['127.0.0.1'], resources: [{ names: ['client', 'federation', 'keys'] }] },
      ],
    },
  })
  identity.homeserverUrl = server.url
})
afterAll(async () => {
  await server.close()
  await identity.close()
})
beforeEach(async () => {
  identity.unbinds = 'in earnest'
  alice = await server.register(`alice${++count}`)
  address = `alice${count}@mail.test`
})

const ask = (path: string, body: Json) => alice.request('POST', `/_matrix/client/v3/account/${path}`, body)

function bind(changes: Json = {}) {
  const session = { ...identity.prove(address), id_server: identity.name, id_access_token: IDENTITY_TOKEN }
  return ask('3pid/bind', { ...session, ...changes })
}

it('an address is published at an identity server, and taken back in the name of this server', async () => {
  expect((await bind()).status).toBe(200)
  expect(identity.boundTo(address)).toBe(alice.userId)
  const unbind = { medium: 'email', address: address.toUpperCase() }
  expect((await ask('3pid/unbind', unbind)).body).toEqual({ id_server_unbind_result: 'success' })
  expect(identity.boundTo(address)).toBeUndefined()
  // Where it was published is known no more, and then only who names a server gets it asked.
  expect((await ask('3pid/unbind', unbind)).body).toEqual({ id_server_unbind_result: 'no-support' })
  const named = await ask('3pid/unbind', { ...unbind, id_server: identity.name })
  expect(named.body).toEqual({ id_server_unbind_result: 'success' })
})

it('an identity server that takes nothing back is told from one that refuses', async () => {
  await bind()
  identity.unbinds = 404
  const unbind = { medium: 'email', address }
  expect((await ask('3pid/unbind', unbind)).body).toEqual({ id_server_unbind_result: 'no-support' })
  identity.unbinds = 403
  const refused = await ask('3pid/unbind', { ...unbind, id_server: identity.name })
  expect([refused.status, refused.body['errcode']]).toEqual([403, 'M_FORBIDDEN'])
})

it.each<[string, Json, number, string]>([
  ['a server that is not configured', { id_server: 'evil.test' }, 403, 'M_SERVER_NOT_TRUSTED'],
  ['no server', { id_server: undefined }, 400, 'M_MISSING_PARAM'],
  ['another access token', { id_access_token: 'wrong' }, 403, 'M_FORBIDDEN'],
  ['a token that would end its header', { id_access_token: 'a\r\nHost: b' }, 502, 'M_UNKNOWN'],
  ['an unknown session', { sid: 'unknown' }, 404, 'M_NO_VALID_SESSION'],
  ['another secret', { client_secret: 'anothers' }, 404, 'M_NO_VALID_SESSION'],
  ['a bad secret', { client_secret: 'with space' }, 400, 'M_INVALID_PARAM'],
])('publishes nothing for %s', async (_what, changes, status, errcode) => {
  const answer = await bind(changes)
  expect([answer.status, answer.body['errcode']]).toEqual([status, errcode])
  expect(identity.boundTo(address)).toBeUndefined()
})

it.each<[string, Json, number, string]>([
  ['another medium', { medium: 'pigeon' }, 400, 'M_INVALID_PARAM'],
  ['no address', { address: 'nonsense' }, 400, 'M_INVALID_PARAM'],
  ['another server', { id_server: 'evil.test' }, 403, 'M_SERVER_NOT_TRUSTED'],
])('takes nothing back for %s', async (_what, changes, status, errcode) => {
  const answer = await ask('3pid/unbind', { medium: 'email', address, ...changes })
  expect([answer.status, answer.body['errcode']]).toEqual([status, errcode])
})

it('what an account loses is taken back: an address, and with the account everything', async () => {
  await bind()
  const removed = await ask('3pid/delete', { medium: 'email', address })
  expect(removed.body).toEqual({ id_server_unbind_result: 'success' })
  expect(identity.boundTo(address)).toBeUndefined()
  await bind()
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: alice.userId },
    password: PASSWORD,
  }
  expect((await ask('deactivate', { auth })).body).toEqual({ id_server_unbind_result: 'success' })
  expect(identity.boundTo(address)).toBeUndefined()
})

it('an identity server that is away keeps nobody from closing an account, and is asked again', async () => {
  await bind()
  identity.unbinds = 503
  const removed = await ask('3pid/delete', { medium: 'email', address })
  expect(removed.body).toEqual({ id_server_unbind_result: 'no-support' })
  expect(identity.boundTo(address)).toBe(alice.userId)
  identity.unbinds = 'in earnest'
  await eventually('the end of what was published', () => identity.boundTo(address) === undefined)
})
