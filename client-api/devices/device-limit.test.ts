import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const BOUND = 3
const [HOUR, DAY] = [3_600_000, 86_400_000]
const AS_TOKEN = 'as-secret'
const REGISTRATION = `id: irc
url: null
as_token: ${AS_TOKEN}
hs_token: hs-secret
sender_localpart: _irc_bot
namespaces:
  users:
    - { exclusive: true, regex: '@_irc_.*' }
    - { exclusive: false, regex: '@puppeted' }
`

let server: TestServer
let directory: string
const told: string[] = []

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meridian-device-limit-'))
  const registration = join(directory, 'irc.yaml')
  await writeFile(registration, REGISTRATION, { mode: 0o600 })
  server = await startTestServer(
    `max_devices_per_user: ${BOUND}\napp_service_config_files: [${registration}]\n`,
  )
  server.accounts.listeners.push({
    async devicesDeleted(_, deviceIds) {
      told.push(...deviceIds)
    },
  })
})
afterAll(async () => {
  await server.close()
  await rm(directory, { recursive: true })
})

const logIn = (user: string, deviceId?: string, token?: string) => {
  const identity = { identifier: { type: 'm.id.user', user } }
  const how =
    token === undefined
      ? { type: 'm.login.password', password: 'correct horse' }
      : { type: 'm.login.application_service' }
  const body = { ...identity, ...how, ...(deviceId !== undefined && { device_id: deviceId }) }
  return server.request('POST', '/_matrix/client/v3/login', { body, ...(token !== undefined && { token }) })
}
const works = async (token: unknown) =>
  (await server.request('GET', '/_matrix/client/v3/account/whoami', { token: String(token) })).status === 200
const userNidOf = (userId: string): Promise<UserNid> => server.accounts.interner.userNid(userId)
async function devicesOf(userId: string): Promise<string[]> {
  const rows = await server.database.queries
    .selectFrom('device')
    .select('device_id')
    .where('user_nid', '=', await userNidOf(userId))
    .orderBy('device_id')
    .execute()
  return rows.map((row) => row.device_id)
}
const unusedFor = (ms: number, ...deviceIds: string[]) =>
  server.database.queries
    .updateTable('device')
    .set({ last_seen_ts: Date.now() - ms })
    .where('device_id', 'in', deviceIds)
    .execute()
async function giveKeys(userId: string, ...deviceIds: string[]): Promise<void> {
  const user_nid = await userNidOf(userId)
  const values = deviceIds.map((device_id) => ({ user_nid, device_id, content: '{}', signatures: '{}' }))
  await server.database.queries.insertInto('device_key').values(values).execute()
}

test('one device too many ends the longest unused one without keys, of which others are told', async () => {
  const { userId, deviceId, token } = await server.register('collector')
  for (const id of ['COLLECTOR_1', 'COLLECTOR_2']) await logIn('collector', id)
  await giveKeys(userId, deviceId)
  await unusedFor(300 * DAY, deviceId)
  await unusedFor(2 * HOUR, 'COLLECTOR_1')
  await unusedFor(3 * HOUR, 'COLLECTOR_2')
  const fourth = await logIn('collector', 'COLLECTOR_3')
  expect(fourth.status).toBe(200)
  expect(await devicesOf(userId)).toEqual([deviceId, 'COLLECTOR_1', 'COLLECTOR_3'].toSorted())
  expect(told.splice(0)).toEqual(['COLLECTOR_2'])
  expect([await works(token), await works(fourth.body['access_token'])]).toEqual([true, true])
})

test('where all devices have keys the one goes that lay unused for a season, with its session', async () => {
  const { userId, deviceId, token } = await server.register('keyholder')
  const ids = ['KEYHOLDER_1', 'KEYHOLDER_2']
  for (const id of ids) await logIn('keyholder', id)
  await giveKeys(userId, deviceId, ...ids)
  expect(await works(token)).toBe(true)
  await unusedFor(91 * DAY, deviceId)
  await unusedFor(89 * DAY, ...ids)
  expect((await logIn('keyholder', 'KEYHOLDER_3')).status).toBe(200)
  expect(await devicesOf(userId)).toEqual([...ids, 'KEYHOLDER_3'])
  expect([await works(token), told.splice(0)]).toEqual([false, [deviceId]])
})

test('where every device is in use the login is refused, nothing is stored, and a known device logs in', async () => {
  const { userId, deviceId } = await server.register('busy')
  const ids = ['BUSY_1', 'BUSY_2']
  for (const id of ids) await logIn('busy', id)
  const refused = await logIn('busy', 'BUSY_3')
  expect([refused.status, refused.body]).toEqual([
    403,
    {
      errcode: 'M_USER_LIMIT_EXCEEDED',
      error: expect.stringMatching(/on 3 devices that are all in use; log out on one/),
      info_uri: expect.stringMatching(/^https:/),
    },
  ])
  expect(await devicesOf(userId)).toEqual([...ids, deviceId].toSorted())
  expect((await logIn('busy', 'BUSY_1')).status).toBe(200)
})

test('logins at the same time never leave more than the bound', async () => {
  const { userId, deviceId } = await server.register('racer')
  const old = ['RACER_1', 'RACER_2']
  for (const id of old) await logIn('racer', id)
  await unusedFor(2 * HOUR, deviceId, ...old)
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => logIn('racer', `NEW_${index}`)))
  const admitted = answers.filter(({ status }) => status === 200)
  expect(admitted).toHaveLength(BOUND)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 403]))
  expect(await devicesOf(userId)).toEqual(admitted.map(({ body }) => body['device_id']).toSorted())
  expect(told.splice(0).toSorted()).toEqual([deviceId, ...old].toSorted())
})

test('who has more than a bound that was lowered can log in, and the old devices go', async () => {
  const { userId } = await server.register('hoarder')
  const userNid = await userNidOf(userId)
  const old = Array.from({ length: 40 }, (_, index) => `OLD_${index}`)
  const row = { user_nid: userNid, display_name: null, created_ts: 1, last_seen_ts: null, last_seen_ip: null }
  await server.database.queries
    .insertInto('device')
    .values(old.map((device_id) => ({ ...row, device_id })))
    .execute()
  expect((await logIn('hoarder')).status).toBe(200)
  expect((await devicesOf(userId)).length).toBe(BOUND)
  expect(told.splice(0)).toHaveLength(39)
})

test('the dehydrated device is neither counted nor ended', async () => {
  const { userId, deviceId } = await server.register('sleeper')
  const userNid = await userNidOf(userId)
  for (const id of ['SLEEPER_1', 'SLEEPER_2']) await logIn('sleeper', id)
  const dehydrated = { user_nid: userNid, device_id: 'SLEEPER_1', device_data: '{}' }
  await server.database.queries.insertInto('dehydrated_device').values(dehydrated).execute()
  await unusedFor(300 * DAY, 'SLEEPER_1')
  expect((await logIn('sleeper', 'SLEEPER_3')).status).toBe(200)
  expect((await logIn('sleeper', 'SLEEPER_4')).status).toBe(403)
  expect(await devicesOf(userId)).toEqual([deviceId, 'SLEEPER_1', 'SLEEPER_2', 'SLEEPER_3'].toSorted())
})

test('devices of users of an application service stay, and one too many is refused', async () => {
  const create = (userId: string, deviceId: string) =>
    server.request('PUT', `/_matrix/client/v3/devices/${deviceId}?user_id=${encodeURIComponent(userId)}`, {
      token: AS_TOKEN,
      body: { display_name: 'Bridge' },
    })
  const body = { type: 'm.login.application_service', username: '_irc_ghost', inhibit_login: true }
  await server.request('POST', '/_matrix/client/v3/register', { token: AS_TOKEN, body })
  const ghost = '@_irc_ghost:test.example'
  for (const id of ['GHOST_1', 'GHOST_2', 'GHOST_3']) expect((await create(ghost, id)).status).toBe(201)
  await unusedFor(300 * DAY, 'GHOST_1', 'GHOST_2', 'GHOST_3')
  const refused = await create(ghost, 'GHOST_4')
  expect([refused.status, refused.body['errcode']]).toEqual([403, 'M_USER_LIMIT_EXCEEDED'])
  expect((await create(ghost, 'GHOST_1')).status).toBe(200)
  expect((await logIn('_irc_ghost', 'GHOST_5', AS_TOKEN)).status).toBe(403)
  expect(await devicesOf(ghost)).toEqual(['GHOST_1', 'GHOST_2', 'GHOST_3'])
  const { userId, deviceId } = await server.register('puppeted')
  await logIn('puppeted', 'PUPPETED_1')
  expect((await create(userId, 'PUPPETED_2')).status).toBe(201)
  await unusedFor(2 * HOUR, deviceId)
  expect((await create(userId, 'PUPPETED_3')).status).toBe(201)
  expect(await devicesOf(userId)).toEqual(['PUPPETED_1', 'PUPPETED_2', 'PUPPETED_3'])
})
