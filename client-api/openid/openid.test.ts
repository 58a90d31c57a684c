import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase, type Database } from '../../storage/database.ts'

let testDatabase: TestDatabase
let database: Database
let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  const resources = [{ names: ['client', 'openid'] }]
  const listeners = [{ port: 0, bind_addresses: ['127.0.0.1'], resources }]
  const rc_openid_tokens = { per_second: 0.001, burst_count: 5 }
  server = await startTestServer({ database: testDatabase.address, config: { listeners, rc_openid_tokens } })
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(async () => {
  await server.close()
  await database.close()
  await testDatabase.close()
})

const pathOf = (user: TestClient) => `/user/${encodeURIComponent(user.userId)}/openid/request_token`
const tokenOf = async (user: TestClient) => {
  const answer = await user.call('POST', pathOf(user), {})
  expect(answer).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    matrix_server_name: 'here.test',
    expires_in: 3600,
  })
  return String(answer['access_token'])
}
const whose = (token: string) =>
  server
    .anonymous()
    .request('GET', `/_matrix/federation/v1/openid/userinfo?access_token=${encodeURIComponent(token)}`)

test('a token tells other services who the user is, more than once, and opens nothing else', async () => {
  const token = await tokenOf(alice)
  for (let times = 0; times < 2; times++) {
    expect(await whose(token)).toMatchObject({ status: 200, body: { sub: alice.userId } })
  }
  const thief = server.anonymous()
  thief.token = token
  expect((await thief.request('GET', '/_matrix/client/v3/account/whoami')).status).toBe(401)
  expect((await thief.request('POST', `/_matrix/client/v3${pathOf(alice)}`, {})).status).toBe(401)
  const stored = await sql<{ all: string }>`SELECT openid_token::text AS all FROM openid_token`.execute(
    database.queries,
  )
  expect(JSON.stringify(stored.rows)).not.toContain(token)
})

test('a token is for the own user, and users ask for no more than they need', async () => {
  const foreign = await alice.request('POST', `/_matrix/client/v3${pathOf(bob)}`, {})
  expect(foreign).toMatchObject({ status: 403, body: { errcode: 'M_FORBIDDEN' } })
  for (let n = 0; n < 5; n++) await tokenOf(bob)
  expect((await bob.request('POST', `/_matrix/client/v3${pathOf(bob)}`, {})).status).toBe(429)
})

test('unknown and expired tokens, and those of closed accounts, tell nothing', async () => {
  for (const token of ['', 'x', alice.token!]) {
    expect(await whose(token)).toMatchObject({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } })
  }
  const without = await server.anonymous().request('GET', '/_matrix/federation/v1/openid/userinfo')
  expect(without).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } })
  const old = await tokenOf(alice)
  await sql`UPDATE openid_token SET expires_ts = 1`.execute(database.queries)
  expect((await whose(old)).status).toBe(401)
  const carol = await server.register('carol')
  const token = await tokenOf(carol)
  await carol.call('POST', '/account/deactivate', {
    auth: { type: 'm.login.password', user: carol.userId, password: 'correct horse battery' },
  })
  expect((await whose(token)).status).toBe(401)
})
