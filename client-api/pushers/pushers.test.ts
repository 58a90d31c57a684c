import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { TestClient, type Json } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const SET = '/_matrix/client/v3/pushers/set'
const PASSWORD = 'correct horse battery'
const PUSHER = {
  app_id: 'org.example.app',
  pushkey: 'key',
  kind: 'http',
  app_display_name: 'App',
  device_display_name: 'Phone',
  profile_tag: 'tag',
  lang: 'en',
  data: { url: 'https://gateway.test/_matrix/push/v1/notify', format: 'event_id_only', custom: { a: [1] } },
}

let server: TestServer
let alice: TestClient
let count = 0
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  alice = await server.register(`alice${++count}`)
})

async function pushersOf(client: TestClient): Promise<readonly Json[]> {
  return (await client.call('GET', '/pushers'))['pushers'] as readonly Json[]
}

function set(client: TestClient, changes: Json = {}): Promise<Json> {
  return client.call('POST', '/pushers/set', { ...PUSHER, ...changes })
}

async function logIn({ url, userId }: TestClient): Promise<TestClient> {
  const client = new TestClient(url)
  const answer = await client.call('POST', '/login', {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: userId },
    password: PASSWORD,
  })
  client.userId = userId
  client.token = String(answer['access_token'])
  client.deviceId = String(answer['device_id'])
  return client
}

it('keeps a pusher as it was set, and sets it anew by its key', async () => {
  expect(await pushersOf(alice)).toEqual([])
  await set(alice, { pushkey: 'mine' })
  const told = { 'org.matrix.msc3881.enabled': true, 'org.matrix.msc3881.device_id': alice.deviceId }
  expect(await pushersOf(alice)).toEqual([{ ...PUSHER, pushkey: 'mine', ...told }])
  await set(alice, { pushkey: 'mine', lang: 'de', profile_tag: undefined, app_display_name: 'A\0pp' })
  await set(alice, { pushkey: 'other' })
  const [first, second] = await pushersOf(alice)
  expect(first).toMatchObject({ pushkey: 'mine', lang: 'de', app_display_name: 'A\0pp' })
  expect(first).not.toHaveProperty('profile_tag')
  expect(second).toMatchObject({ pushkey: 'other' })
  await alice.call('POST', '/pushers/set', { kind: null, app_id: PUSHER.app_id, pushkey: 'mine' })
  await alice.call('POST', '/pushers/set', { kind: null, app_id: PUSHER.app_id, pushkey: 'mine' })
  expect(await pushersOf(alice)).toMatchObject([{ pushkey: 'other' }])
})

it('takes a key away from other users, unless it is appended', async () => {
  const bob = await server.register(`bob${count}`)
  await set(alice)
  await set(bob, { append: true })
  expect(await pushersOf(alice)).toHaveLength(1)
  await set(alice, { append: false })
  expect(await pushersOf(bob)).toHaveLength(0)
})

it('a pusher goes with its device: by logout, deletion and a new password', async () => {
  const [phone, tablet, laptop] = [await logIn(alice), await logIn(alice), await logIn(alice)]
  await set(phone, { pushkey: 'phone' })
  await set(tablet, { pushkey: 'tablet' })
  await set(laptop, { pushkey: 'laptop' })
  await set(alice, { pushkey: 'own' })
  await phone.call('POST', '/logout', {})
  expect((await pushersOf(alice)).map((pusher) => pusher['pushkey'])).toEqual(['tablet', 'laptop', 'own'])
  const auth = {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: alice.userId },
    password: PASSWORD,
  }
  await alice.call('DELETE', `/devices/${tablet.deviceId}`, { auth })
  expect((await pushersOf(alice)).map((pusher) => pusher['pushkey'])).toEqual(['laptop', 'own'])
  await alice.call('POST', '/account/password', { new_password: PASSWORD, auth })
  expect((await pushersOf(alice)).map((pusher) => pusher['pushkey'])).toEqual(['own'])
})

it('what a device said of its notifications goes with it (MSC3890)', async () => {
  const phone = await logIn(alice)
  const path = `/user/${encodeURIComponent(alice.userId)}/account_data`
  for (const prefix of ['m', 'org.matrix.msc3890']) {
    const setting = `${path}/${prefix}.local_notification_settings.`
    await alice.call('PUT', setting + phone.deviceId, { is_silenced: true })
    await alice.call('PUT', setting + alice.deviceId, { is_silenced: true })
  }
  await phone.call('POST', '/logout', {})
  for (const prefix of ['m', 'org.matrix.msc3890']) {
    const setting = `/_matrix/client/v3${path}/${prefix}.local_notification_settings.`
    expect((await alice.request('GET', setting + phone.deviceId)).status).toBe(404)
    expect((await alice.request('GET', setting + alice.deviceId)).status).toBe(200)
  }
})

it('another device turns a pusher off and on, and it stays with its own (MSC3881)', async () => {
  const phone = await logIn(alice)
  await set(phone, { pushkey: 'phone' })
  await set(alice, { pushkey: 'phone', 'org.matrix.msc3881.enabled': false })
  const [pusher] = await pushersOf(alice)
  expect(pusher).toMatchObject({
    'org.matrix.msc3881.enabled': false,
    'org.matrix.msc3881.device_id': phone.deviceId,
  })
  await set(alice, { pushkey: 'phone' })
  expect((await pushersOf(alice))[0]).toMatchObject({
    'org.matrix.msc3881.enabled': true,
    'org.matrix.msc3881.device_id': alice.deviceId,
  })
  const { body } = await server.anonymous().request('GET', '/_matrix/client/versions')
  expect(body['unstable_features']).toMatchObject({ 'org.matrix.msc3881': true })
})

it.each<[string, Json, string]>([
  ['no kind', { kind: undefined }, 'M_MISSING_PARAM'],
  ['another kind', { kind: 'carrier pigeon' }, 'M_INVALID_PARAM'],
  ['no lang and no data', { lang: undefined, data: undefined }, 'M_MISSING_PARAM'],
  ['no url', { data: {} }, 'M_MISSING_PARAM'],
  ['plain http', { data: { url: 'http://gateway.test/_matrix/push/v1/notify' } }, 'M_INVALID_PARAM'],
  ['another scheme', { data: { url: 'file:///_matrix/push/v1/notify' } }, 'M_INVALID_PARAM'],
  ['another path', { data: { url: 'https://gateway.test/_matrix/push/v1/notify/../x' } }, 'M_INVALID_PARAM'],
  ['a password', { data: { url: 'https://a:b@gateway.test/_matrix/push/v1/notify' } }, 'M_INVALID_PARAM'],
  [
    'a long url',
    { data: { url: `https://g.test/_matrix/push/v1/notify?${'a'.repeat(2000)}` } },
    'M_INVALID_PARAM',
  ],
  ['much data', { data: { ...PUSHER.data, more: 'a'.repeat(5000) } }, 'M_INVALID_PARAM'],
  ['a long key', { pushkey: 'é'.repeat(257) }, 'M_INVALID_PARAM'],
  ['a long app id', { app_id: 'a'.repeat(65) }, 'M_INVALID_PARAM'],
  ['U+0000 in the key', { pushkey: 'a\0b' }, 'M_INVALID_PARAM'],
  ['a list as the language', { lang: ['en'] }, 'M_BAD_JSON'],
  ['a text as the data', { data: 'https://gateway.test' }, 'M_BAD_JSON'],
  ['a text as enabled', { 'org.matrix.msc3881.enabled': 'yes' }, 'M_BAD_JSON'],
])('refuses %s', async (_what, changes, errcode) => {
  const { status, body } = await alice.request('POST', SET, { ...PUSHER, ...changes })
  expect([status, body['errcode']]).toEqual([400, errcode])
  expect(await pushersOf(alice)).toEqual([])
})

it('bounds the pushers of a user', async () => {
  const answers = []
  for (let n = 0; n < 52; n++) answers.push(await alice.request('POST', SET, { ...PUSHER, pushkey: `${n}` }))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50)
  expect(answers.at(-1)!.body['errcode']).toBe('M_RESOURCE_LIMIT_EXCEEDED')
  expect((await alice.request('POST', SET, { ...PUSHER, pushkey: '7' })).status).toBe(200)
})
