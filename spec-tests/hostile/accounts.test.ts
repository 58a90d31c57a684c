import { Writable } from 'node:stream'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { RunningServer } from '../../homeserver/cli/running-server.ts'
import { loadConfig } from '../../homeserver/config/load-config.ts'
import { startServer } from '../../homeserver/context.ts'
import { TestClient, type Json, type TestAnswer } from '../support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts'
import { testConfig } from '../support/test-server.ts'

const V3 = '/_matrix/client/v3'
const PASSWORD = 'correct horse battery'
const id = encodeURIComponent

let database: TestDatabase
let directory = ''
let server: RunningServer
let url = ''
let logged = ''

beforeAll(async () => {
  database = await createTestDatabase()
  directory = await mkdtemp(join(tmpdir(), 'meridian-hostile-'))
  const file = join(directory, 'homeserver.yaml')
  const config = { ...testConfig('here.test', database.address), allow_guest_access: true }
  await writeFile(file, stringify({ ...config, login_via_existing_session: { enabled: true } }))
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk)
      done()
    },
  })
  const log = pino({ level: 'trace' }, sink)
  server = await startServer(
    await loadConfig({ file, dataDir: directory }),
    log,
    new AbortController().signal,
  )
  url = server.addresses[0]!
})
afterAll(async () => {
  await server.close()
  await database.close()
  await rm(directory, { recursive: true, force: true })
})

async function registered(localpart: string): Promise<TestClient> {
  const client = new TestClient(url)
  await client.register(localpart)
  return client
}
const anonymous = (): TestClient => new TestClient(url)
const ofPassword = (user: string, password = PASSWORD) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user },
  password,
})
const logIn = (user: string, password = PASSWORD, more: Json = {}) =>
  anonymous().request('POST', `${V3}/login`, { ...ofPassword(user, password), ...more })
const said = ({ status, body }: TestAnswer) => [status, body['errcode'], body['error']]

describe('who has an account', () => {
  test('a login, and a proof for another, say the same whether the user exists, is closed or is not', async () => {
    await registered('known')
    const closed = await registered('closed')
    await closed.call('POST', '/account/deactivate', { auth: ofPassword(closed.userId) })
    const wrong = said(await logIn('known', 'wrong'))
    expect(wrong.slice(0, 2)).toEqual([403, 'M_FORBIDDEN'])
    for (const name of [
      'unknown',
      'closed',
      '@known:elsewhere.test',
      '@',
      '',
      'k'.repeat(300),
      'ĸnown',
      'known\u0000',
    ]) {
      expect(said(await logIn(name)), name).toEqual(wrong)
    }
  })

  test.each([
    { type: 'm.id.thirdparty', medium: 'email', address: 'known@here.test' },
    { type: 'm.id.phone', country: 'GB', phone: '01234' },
  ])('nobody is found by %j', async (identifier) => {
    const answer = await anonymous().request('POST', `${V3}/login`, {
      type: 'm.login.password',
      identifier,
      password: PASSWORD,
    })
    expect(said(answer).slice(0, 2)).toEqual([403, 'M_FORBIDDEN'])
  })

  test('who is no administrator learns of no account from the administration', async () => {
    const user = await registered('curious')
    const paths = ['@known:here.test', '@unheard:here.test', '@x:elsewhere.test'].map(
      (name) => `/v1/admin/lock/${id(name)}`,
    )
    const answers = await Promise.all(paths.map((path) => user.request('GET', `/_matrix/client${path}`)))
    expect(new Set(answers.map((answer) => JSON.stringify(said(answer))))).toHaveLength(1)
  })
})

describe('registration', () => {
  const register = (username: unknown, more: Json = {}) =>
    anonymous().request('POST', `${V3}/register`, {
      username,
      password: PASSWORD,
      auth: { type: 'm.login.dummy' },
      ...more,
    })

  test('of many who want one name at the same moment one gets it', async () => {
    const names = ['wanted', 'Wanted', 'WANTED', 'wanted', 'wanTed', 'wanted']
    const answers = await Promise.all(names.map((name) => register(name)))
    const others = answers.filter(({ status }) => status !== 200)
    expect(others).toHaveLength(names.length - 1)
    expect(new Set(others.map(({ body }) => body['errcode']))).toEqual(new Set(['M_USER_IN_USE']))
  })

  test.each([
    'ａlice',
    'аlice',
    'a b',
    'a\u0000b',
    'a:b',
    '@a',
    '%61',
    'a\nb',
    'a\u202eb',
    'é',
    '😀',
    '',
    'a'.repeat(250),
  ])('nobody is called %j', async (name) => {
    expect(said(await register(name)).slice(0, 2)).toEqual([400, 'M_INVALID_USERNAME'])
  })

  test.each([
    ['a device id of a megabyte', { device_id: 'x'.repeat(500_000) }],
    ['an empty device id', { device_id: '' }],
    ['a device name of a megabyte', { initial_device_display_name: 'x'.repeat(500_000) }],
    ['a password of half a megabyte', { password: 'x'.repeat(500_000) }],
    ['an empty password', { password: '' }],
  ])('%s leaves no account behind', async (what, more) => {
    const name = `left-${what.length}`
    expect((await register(name, more)).status).toBe(400)
    expect((await register(name)).status).toBe(200)
  })
})

describe('proofs', () => {
  const challenge = async (client: TestClient, method: string, path: string, body: Json = {}) =>
    String((await client.request(method, V3 + path, body)).body['session'])

  test('a session is good for what it was begun for alone', async () => {
    const user = await registered('prover')
    await user.request('POST', `${V3}/login`, { ...ofPassword(user.userId), device_id: 'OTHER' })
    const session = await challenge(user, 'DELETE', `/devices/${user.deviceId}`)
    const auth = { ...ofPassword(user.userId), session }
    const stolen = await user.request('DELETE', `${V3}/devices/OTHER`, { auth })
    expect(said(stolen).slice(0, 2)).toEqual([401, 'M_UNKNOWN'])
    const closing = await user.request('POST', `${V3}/account/deactivate`, { auth })
    expect(closing.status).toBe(401)
    expect((await user.request('GET', `${V3}/account/whoami`)).status).toBe(200)
  })

  test("nobody proves anything with another's session or password", async () => {
    const [victim, thief] = [await registered('victim'), await registered('thief')]
    const session = await challenge(victim, 'POST', '/account/deactivate')
    const form = new URLSearchParams({ password: PASSWORD })
    await fetch(`${url}${V3}/auth/m.login.password/fallback/web?session=${session}`, {
      method: 'POST',
      body: form,
    })
    expect((await thief.request('POST', `${V3}/account/deactivate`, { auth: { session } })).status).toBe(401)
    const foreign = await thief.request('POST', `${V3}/account/deactivate`, {
      auth: ofPassword(victim.userId),
    })
    expect(said(foreign).slice(0, 2)).toEqual([403, 'M_FORBIDDEN'])
    for (const user of [victim, thief])
      expect((await user.request('GET', `${V3}/account/whoami`)).status).toBe(200)
  })

  test('a registration is no proof, and a proof no registration', async () => {
    const user = await registered('mixer')
    const registration = await challenge(anonymous(), 'POST', '/register', {
      username: 'x',
      password: PASSWORD,
    })
    const auth = { type: 'm.login.dummy', session: registration }
    expect((await user.request('POST', `${V3}/account/deactivate`, { auth })).status).toBe(401)
    const session = await challenge(user, 'POST', '/account/deactivate')
    const crossed = { username: 'crossed', password: PASSWORD, auth: { type: 'm.login.dummy', session } }
    expect((await anonymous().request('POST', `${V3}/register`, crossed)).status).toBe(401)
  })

  test('one proof is used once, by however many at the same moment', async () => {
    const user = await registered('racer')
    const path = '/_matrix/client/v1/login/get_token'
    const session = String((await user.request('POST', path, {})).body['session'])
    const form = new URLSearchParams({ password: PASSWORD })
    await fetch(`${url}${V3}/auth/m.login.password/fallback/web?session=${session}`, {
      method: 'POST',
      body: form,
    })
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => user.request('POST', path, { auth: { session } })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})

describe('tokens', () => {
  test('a refresh token whose successor was used is worthless, and another device cannot use it', async () => {
    await registered('refresher')
    const { body } = await logIn('refresher', PASSWORD, { refresh_token: true })
    const refresh = (token: unknown) => anonymous().request('POST', `${V3}/refresh`, { refresh_token: token })
    const next = await refresh(body['refresh_token'])
    expect(next.status).toBe(200)
    const device = anonymous()
    device.token = String(next.body['access_token'])
    expect((await device.request('GET', `${V3}/account/whoami`)).status).toBe(200)
    expect(said(await refresh(body['refresh_token'])).slice(0, 2)).toEqual([401, 'M_UNKNOWN_TOKEN'])
    expect((await refresh(body['access_token'])).status).toBe(401)
    const bearer = anonymous()
    bearer.token = String(next.body['refresh_token'])
    expect((await bearer.request('GET', `${V3}/account/whoami`)).status).toBe(401)
  })

  test('neither tokens nor passwords are in the log, whatever is asked', async () => {
    const user = await registered('logged')
    await fetch(`${url}${V3}/account/whoami?access_token=${user.token}`)
    await fetch(`${url}${V3}/nothing/here?access_token=${user.token}`)
    await logIn('logged', 'a secret that is wrong')
    await user.request(
      'PUT',
      `${V3}/profile/${id(user.userId)}/displayname`,
      '{"displayname": "a secret name"',
    )
    await user.request('POST', `${V3}/account/password`, { new_password: 'a secret to come' })
    expect(logged).toContain('answered')
    for (const secret of [user.token!, PASSWORD, 'a secret']) expect(logged).not.toContain(secret)
  })
})

describe('passwords', () => {
  test('half a megabyte of password costs no more than a short one, and is wrong', async () => {
    await registered('longed')
    expect((await logIn('longed', 'x'.repeat(500_000))).status).toBe(403)
    expect((await logIn('longed', PASSWORD + 'x'.repeat(512))).status).toBe(403)
    expect((await logIn('longed')).status).toBe(200)
  })
})
