import bcrypt from 'bcryptjs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../spec-tests/support/eventually.ts'
import { passwordHashOf } from '../../storage/accounts/account-reader.ts'
import { updateAccount } from '../../storage/accounts/account-writer.ts'
import type { Queries } from '../../storage/database.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const LOGIN = '/_matrix/client/v3/login'
const WHOAMI = '/_matrix/client/v3/account/whoami'
const PASSWORD = 'correct horse'

let server: TestServer
beforeAll(async () => {
  const extra = 'login_via_existing_session: { enabled: true }\npublic_baseurl: https://matrix.test.example\n'
  server = await startTestServer(extra)
})
afterAll(() => server.close())

function logIn(user: string, extra: object = {}, password = PASSWORD) {
  const identifier = { type: 'm.id.user', user }
  return server.request('POST', LOGIN, { body: { type: 'm.login.password', identifier, password, ...extra } })
}

/** Whether a statement in the database waits for a row. */
async function hasWaiting(queries: Queries): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(
    queries,
  )
  return rows.length > 0
}

async function statusOf(token: unknown) {
  const { status, body } = await server.request('GET', WHOAMI, { token: String(token) })
  return [status, body.errcode]
}

describe('login', () => {
  test('the flows are told, also under r0', async () => {
    const flows = [
      { type: 'm.login.password' },
      {
        type: 'm.login.sso',
        oauth_aware_preferred: true,
        'org.matrix.msc3824.delegated_oidc_compatibility': true,
      },
      { type: 'm.login.token', get_login_token: true },
    ]
    expect((await server.request('GET', LOGIN)).body).toEqual({ flows })
    expect((await server.request('GET', '/_matrix/client/r0/login')).body).toEqual({ flows })
  })

  test('by user id, by localpart, in capitals and in the older form', async () => {
    const { userId } = await server.register('alice')
    for (const name of [userId, 'alice', '@ALICE:test.example', 'Alice']) {
      expect((await logIn(name)).body).toMatchObject({
        user_id: userId,
        access_token: expect.stringMatching(/^mrd_[\w-]{43}$/),
        device_id: expect.stringMatching(/^[A-Z]{10}$/),
        well_known: { 'm.homeserver': { base_url: 'https://matrix.test.example/' } },
      })
    }
    const older = { type: 'm.login.password', user: 'alice', password: PASSWORD }
    expect((await server.request('POST', LOGIN, { body: older })).status).toBe(200)
  })

  test('unknown users, wrong passwords and other servers look the same', async () => {
    await server.register('known')
    const answers = await Promise.all([
      logIn('known', {}, 'wrong'),
      logIn('unknown'),
      logIn('@known:elsewhere.example'),
      logIn('nul\0'),
      logIn('known', {}, 'nul\0'),
    ])
    for (const { status, body } of answers) {
      expect([status, body.errcode, body.error]).toEqual([403, 'M_FORBIDDEN', answers[0]?.body.error])
    }
  })

  test.each([
    [{ type: 'm.login.saml' }, 'M_UNKNOWN'],
    [{}, 'M_MISSING_PARAM'],
    [{ type: 'm.login.password', password: 'x' }, 'M_MISSING_PARAM'],
    [{ type: 'm.login.password', user: 'alice', password: 1 }, 'M_BAD_JSON'],
    [{ type: 'm.login.password', identifier: { type: 'm.id.other' }, password: 'x' }, 'M_UNKNOWN'],
  ])('%j is refused with %s', async (body, errcode) => {
    const answer = await server.request('POST', LOGIN, { body })
    expect([answer.status, answer.body.errcode]).toEqual([400, errcode])
  })

  test('a new login on a known device ends its earlier token', async () => {
    await server.register('again')
    const first = await logIn('again', { device_id: 'PHONE' })
    expect(await statusOf(first.body.access_token)).toEqual([200, undefined])
    const second = await logIn('again', { device_id: 'PHONE' })
    expect(await statusOf(first.body.access_token)).toEqual([401, 'M_UNKNOWN_TOKEN'])
    expect(await statusOf(second.body.access_token)).toEqual([200, undefined])
  })

  test('a bcrypt hash from elsewhere is accepted and replaced', async () => {
    await server.register('imported')
    const nid = await server.context.interner.userNid('@imported:test.example')
    const { queries } = server.database
    await updateAccount(queries, nid, { password_hash: await bcrypt.hash('old one', 4) })
    expect((await logIn('imported', {}, 'another')).status).toBe(403)
    expect((await logIn('imported', {}, 'old one')).status).toBe(200)
    expect(await passwordHashOf(queries, nid)).toMatch(/^\$argon2id\$/)
    expect((await logIn('imported', {}, 'old one')).status).toBe(200)
  })

  test('a password that is changed during a login stays changed', async () => {
    await server.register('in-between')
    const nid = await server.context.interner.userNid('@in-between:test.example')
    const { queries } = server.database
    await updateAccount(queries, nid, { password_hash: await bcrypt.hash('old one', 4) })
    let answer: ReturnType<typeof logIn> | undefined
    await queries.transaction().execute(async (change) => {
      await updateAccount(change, nid, { password_hash: 'the new one' })
      // It reads the old one, and then wants to store it in another form.
      answer = logIn('in-between', {}, 'old one')
      await eventually('the login that waits for the row', () => hasWaiting(change))
    })
    expect((await answer)?.status).toBe(200)
    expect(await passwordHashOf(queries, nid)).toBe('the new one')
  })

  test('a login token logs in once', async () => {
    const { userId, token } = await server.register('scanner')
    const path = '/_matrix/client/v1/login/get_token'
    expect((await server.request('POST', path, { token, body: {} })).status).toBe(401)
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: userId },
      password: PASSWORD,
    }
    const { body } = await server.request('POST', path, { token, body: { auth } })
    const use = () =>
      server.request('POST', LOGIN, { body: { type: 'm.login.token', token: body.login_token } })
    const answers = await Promise.all([use(), use(), use()])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403])
  })
})

describe('tokens', () => {
  test('missing and unknown ones differ; the query parameter works too', async () => {
    expect(await server.request('GET', WHOAMI)).toMatchObject({
      status: 401,
      body: { errcode: 'M_MISSING_TOKEN' },
    })
    expect(await statusOf('nonsense')).toEqual([401, 'M_UNKNOWN_TOKEN'])
    const { userId, deviceId, token } = await server.register('queried')
    const answer = await server.request('GET', `${WHOAMI}?access_token=${token}`)
    expect(answer.body).toEqual({ user_id: userId, device_id: deviceId, is_guest: false })
    const basic = await server.request('GET', WHOAMI, { headers: { authorization: 'Basic eA==' } })
    expect([basic.status, basic.body.errcode]).toEqual([401, 'M_MISSING_TOKEN'])
  })

  test('logout ends the device, logout/all every device', async () => {
    const { token } = await server.register('leaver')
    const other = (await logIn('leaver')).body.access_token
    await server.request('POST', '/_matrix/client/v3/logout', { token: String(other) })
    expect(await statusOf(other)).toEqual([401, 'M_UNKNOWN_TOKEN'])
    const devices = await server.request('GET', '/_matrix/client/v3/devices', { token })
    expect(devices.body.devices).toHaveLength(1)
    const third = (await logIn('leaver')).body.access_token
    expect((await server.request('POST', '/_matrix/client/v3/logout/all', { token })).body).toEqual({})
    expect([await statusOf(token), await statusOf(third)]).toEqual([
      [401, 'M_UNKNOWN_TOKEN'],
      [401, 'M_UNKNOWN_TOKEN'],
    ])
  })

  test('a locked user can only log out', async () => {
    const { userId, token } = await server.register('locked')
    const nid = await server.context.interner.userNid(userId)
    await updateAccount(server.database.queries, nid, { locked: true })
    server.accounts.sessions.forget(nid)
    const refused = await server.request('GET', WHOAMI, { token })
    expect([refused.status, refused.body]).toMatchObject([
      401,
      { errcode: 'M_USER_LOCKED', soft_logout: true },
    ])
    expect((await server.request('POST', '/_matrix/client/v3/logout', { token })).status).toBe(200)
  })

  test('the old refresh token is good until the new tokens are used', async () => {
    await server.register('refresher')
    const { body: first } = await logIn('refresher', { refresh_token: true })
    expect(first).toMatchObject({ refresh_token: expect.any(String), expires_in_ms: 300_000 })
    const refresh = (token: unknown) =>
      server.request('POST', '/_matrix/client/v3/refresh', { body: { refresh_token: token } })
    const lost = await refresh(first.refresh_token)
    const again = await refresh(first.refresh_token)
    expect([lost.status, again.status]).toEqual([200, 200])
    expect(await statusOf(again.body.access_token)).toEqual([200, undefined])
    expect((await refresh(first.refresh_token)).body).toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' })
    const third = await refresh(again.body.refresh_token)
    const fourth = await refresh(third.body.refresh_token)
    expect([third.status, fourth.status]).toEqual([200, 200])
    expect((await refresh(again.body.refresh_token)).status).toBe(401)
  })

  test('an expired token asks for a soft logout', async () => {
    await server.register('expiring')
    const { body } = await logIn('expiring', { refresh_token: true })
    await server.database.queries
      .updateTable('access_token')
      .set({ expires_ts: 1 })
      .where('expires_ts', '>', 1)
      .execute()
    const answer = await server.request('GET', WHOAMI, { token: String(body.access_token) })
    expect([answer.status, answer.body]).toMatchObject([
      401,
      { errcode: 'M_UNKNOWN_TOKEN', soft_logout: true },
    ])
  })
})
