import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAppService, type TestAppService } from '../support/app-service.ts'
import { TestClient } from '../support/test-client.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

// Application service API, "Client-Server API Extensions".

const V3 = '/_matrix/client/v3'
const BOT = '@_bridge_bot:here.test'
const GHOST = '@_bridge_anna:here.test'
const TIGHT = { per_second: 0.001, burst_count: 1 }

let bridge: TestAppService
let quiet: TestAppService
let server: TestServer

beforeAll(async () => {
  bridge = await startAppService({ url: null, rate_limited: false })
  quiet = await startAppService({
    url: null,
    sender_localpart: 'quiet',
    'io.element.msc4190': true,
    namespaces: { users: [{ exclusive: false, regex: '@q.*' }] },
  })
  const files = [bridge, quiet].map(({ registrationFile }) => registrationFile)
  server = await startTestServer({ config: { app_service_config_files: files, rc_message: TIGHT } })
  const ghost = await register(bridge, '_bridge_anna')
  expect(ghost.status).toBe(200)
})
afterAll(async () => {
  await server.close()
  await bridge.close()
  await quiet.close()
})

function register(service: TestAppService, username: string, extra: object = {}) {
  const body = { type: 'm.login.application_service', username, inhibit_login: true, ...extra }
  return service.actor(server.url).request('POST', `${V3}/register`, body)
}
const errorOf = ({ status, body }: { status: number; body: object }) => [
  status,
  (body as { errcode?: string }).errcode,
]
const whoAmI = (client: TestClient) => client.request('GET', `${V3}/account/whoami`)

describe('masquerading', () => {
  test('is as the sender unless a user is named, who needs no registration', async () => {
    expect((await whoAmI(bridge.actor(server.url))).body).toEqual({ user_id: BOT, is_guest: false })
    expect((await whoAmI(bridge.actor(server.url, GHOST))).body).toEqual({ user_id: GHOST, is_guest: false })
  })

  test('is for registered users of the namespace alone', async () => {
    await server.register('person')
    for (const userId of [
      '@person:here.test',
      '@_bridge_anna:elsewhere.test',
      '@_bridge_nobody:here.test',
      'x',
    ]) {
      expect(errorOf(await whoAmI(bridge.actor(server.url, userId)))).toEqual([403, 'M_FORBIDDEN'])
    }
    const nul = await bridge.actor(server.url).request('GET', `${V3}/account/whoami?user_id=%00`)
    expect(nul.status).toBe(400)
  })

  test('a token that is nearly right is an unknown one, and people may name no user', async () => {
    const almost = new TestClient(server.url)
    for (const token of [bridge.asToken.slice(0, -1), `${bridge.asToken}x`, bridge.hsToken]) {
      almost.token = token
      expect(errorOf(await whoAmI(almost))).toEqual([401, 'M_UNKNOWN_TOKEN'])
    }
    const person = await server.register('pretender')
    const answer = await person.request('GET', `${V3}/account/whoami?user_id=${encodeURIComponent(GHOST)}`)
    expect(answer.body['user_id']).toBe('@pretender:here.test')
  })

  test('a device must be the user’s own', async () => {
    const ghost = bridge.actor(server.url, GHOST)
    expect((await ghost.request('PUT', `${V3}/devices/PHONE`, {})).status).toBe(201)
    const acting = await whoAmI(bridge.actor(server.url, GHOST, 'PHONE'))
    expect(acting.body).toEqual({ user_id: GHOST, device_id: 'PHONE', is_guest: false })
    const unstable = await ghost.request('GET', `${V3}/account/whoami?org.matrix.msc3202.device_id=PHONE`)
    expect(unstable.body['device_id']).toBe('PHONE')
    expect(errorOf(await whoAmI(bridge.actor(server.url, BOT, 'PHONE')))).toEqual([400, 'M_UNKNOWN_DEVICE'])
    expect((await ghost.request('DELETE', `${V3}/devices/PHONE`)).status).toBe(200)
    expect(errorOf(await whoAmI(bridge.actor(server.url, GHOST, 'PHONE')))).toEqual([400, 'M_UNKNOWN_DEVICE'])
  })

  test('what is about a device needs one', async () => {
    const ghost = bridge.actor(server.url, GHOST)
    expect(errorOf(await ghost.request('POST', `${V3}/keys/upload`, {}))).toEqual([400, 'M_INVALID_PARAM'])
    expect(errorOf(await ghost.request('POST', `${V3}/logout`, {}))).toEqual([400, 'M_INVALID_PARAM'])
    expect((await ghost.sync())['next_batch']).toEqual(expect.any(String))
  })

  test('ends with the account', async () => {
    await register(bridge, '_bridge_gone')
    const gone = bridge.actor(server.url, '@_bridge_gone:here.test')
    expect((await whoAmI(gone)).status).toBe(200)
    expect((await gone.request('POST', `${V3}/account/deactivate`, {})).status).toBe(200)
    expect(errorOf(await whoAmI(gone))).toEqual([403, 'M_USER_DEACTIVATED'])
  })
})

describe('registering users', () => {
  test('needs no password, and can log in at once', async () => {
    const answer = await register(bridge, '_bridge_berta', { inhibit_login: false, device_id: 'DESK' })
    expect(answer.body).toMatchObject({ user_id: '@_bridge_berta:here.test', device_id: 'DESK' })
    const client = new TestClient(server.url)
    client.token = String(answer.body['access_token'])
    expect((await whoAmI(client)).body['device_id']).toBe('DESK')
    expect(errorOf(await register(bridge, '_bridge_berta'))).toEqual([400, 'M_USER_IN_USE'])
  })

  test('is within the namespace, and that is closed to everybody else', async () => {
    expect(errorOf(await register(bridge, 'outside'))).toEqual([400, 'M_EXCLUSIVE'])
    expect(errorOf(await register(quiet, '_bridge_stolen'))).toEqual([400, 'M_EXCLUSIVE'])
    const person = server.anonymous()
    for (const username of ['_bridge_person', '_bridge_bot', '_BRIDGE_person']) {
      const body = { username, password: 'correct horse battery', auth: { type: 'm.login.dummy' } }
      expect(errorOf(await person.request('POST', `${V3}/register`, body))).toEqual([400, 'M_EXCLUSIVE'])
      const available = await person.request('GET', `${V3}/register/available?username=${username}`)
      expect(errorOf(available)).toEqual([400, 'M_EXCLUSIVE'])
    }
    await server.register('quentin')
  })

  test('needs the token of a service', async () => {
    const body = { type: 'm.login.application_service', username: '_bridge_x' }
    const person = await server.register('registrar')
    expect(errorOf(await server.anonymous().request('POST', `${V3}/register`, body))).toEqual([
      401,
      'M_MISSING_TOKEN',
    ])
    expect(errorOf(await person.request('POST', `${V3}/register`, body))).toEqual([401, 'M_UNKNOWN_TOKEN'])
    expect(
      errorOf(
        await bridge.actor(server.url).request('POST', `${V3}/register`, { ...body, username: undefined }),
      ),
    ).toEqual([400, 'M_MISSING_PARAM'])
  })
})

describe('logging users in', () => {
  const logIn = (service: TestAppService, user: string) =>
    service.actor(server.url).request('POST', `${V3}/login`, {
      type: 'm.login.application_service',
      identifier: { type: 'm.id.user', user },
    })

  test('needs no password, within the namespace', async () => {
    expect((await logIn(bridge, '_bridge_anna')).body).toMatchObject({
      user_id: GHOST,
      access_token: expect.any(String),
    })
    expect((await logIn(bridge, GHOST)).status).toBe(200)
    await server.register('victim')
    expect(errorOf(await logIn(bridge, 'victim'))).toEqual([400, 'M_EXCLUSIVE'])
    const flows = await server.anonymous().call('GET', '/login')
    expect(flows['flows']).toContainEqual({ type: 'm.login.application_service' })
    const person = await server.register('loginless')
    const body = { type: 'm.login.application_service', identifier: { type: 'm.id.user', user: GHOST } }
    expect(errorOf(await person.request('POST', `${V3}/login`, body))).toEqual([401, 'M_UNKNOWN_TOKEN'])
    expect(errorOf(await server.anonymous().request('POST', `${V3}/login`, body))).toEqual([
      401,
      'M_MISSING_TOKEN',
    ])
  })

  test('is closed to services that make devices by themselves', async () => {
    expect(errorOf(await register(quiet, 'quill', { inhibit_login: false }))).toEqual([
      400,
      'M_APPSERVICE_LOGIN_UNSUPPORTED',
    ])
    expect((await register(quiet, 'quill')).status).toBe(200)
    expect(errorOf(await logIn(quiet, 'quill'))).toEqual([400, 'M_APPSERVICE_LOGIN_UNSUPPORTED'])
  })
})

describe('devices and keys', () => {
  test('devices are made, renamed and deleted without a proof', async () => {
    const bot = bridge.actor(server.url)
    const made = await bot.request('PUT', `${V3}/devices/NEW`, { display_name: 'Bridge' })
    expect([made.status, made.body]).toEqual([201, {}])
    expect((await bot.request('PUT', `${V3}/devices/NEW`, { display_name: 'Renamed' })).status).toBe(200)
    expect((await bot.call('GET', '/devices/NEW'))['display_name']).toBe('Renamed')
    expect((await bot.request('PUT', `${V3}/devices/nul%00`, {})).status).toBe(400)
    expect((await bot.request('POST', `${V3}/delete_devices`, { devices: ['NEW'] })).status).toBe(200)
    expect((await bot.request('GET', `${V3}/devices/NEW`)).status).toBe(404)
    const person = await server.register('deviceless')
    expect((await person.request('PUT', `${V3}/devices/NEW`, {})).status).toBe(404)
  })
})

describe('aliases of an exclusive namespace', () => {
  test('are the service’s to make and delete, by any way', async () => {
    const person = await server.register('nameless')
    const roomId = await person.createRoom()
    const path = (alias: string) => `${V3}/directory/room/${encodeURIComponent(alias)}`
    const bot = bridge.actor(server.url)
    const portal = await bot.createRoom({ room_alias_name: '_bridge_general', preset: 'public_chat' })
    expect(errorOf(await person.request('PUT', path('#_bridge_x:here.test'), { room_id: roomId }))).toEqual([
      400,
      'M_EXCLUSIVE',
    ])
    expect(
      errorOf(await person.request('POST', `${V3}/createRoom`, { room_alias_name: '_bridge_y' })),
    ).toEqual([400, 'M_EXCLUSIVE'])
    expect(errorOf(await person.request('DELETE', path('#_bridge_general:here.test')))).toEqual([
      400,
      'M_EXCLUSIVE',
    ])
    expect(errorOf(await bot.request('PUT', path('#plain:here.test'), { room_id: portal }))).toEqual([
      400,
      'M_EXCLUSIVE',
    ])
    expect((await bot.request('DELETE', path('#_bridge_general:here.test'))).status).toBe(200)
  })
})

describe('sending', () => {
  test('is exempt from rate limits where the registration says so', async () => {
    const roomId = await bridge.actor(server.url).createRoom({ preset: 'public_chat' })
    const ghost = bridge.actor(server.url, GHOST)
    await ghost.join(roomId)
    for (let count = 0; count < 5; count++) await ghost.say(roomId, 'again')
    await register(quiet, 'quick')
    const quick = quiet.actor(server.url, '@quick:here.test')
    await quick.join(roomId)
    await quick.say(roomId, 'once')
    await expect(quick.say(roomId, 'twice')).rejects.toThrow(/429/)
    const sender = quiet.actor(server.url)
    await sender.join(roomId)
    for (let count = 0; count < 3; count++) await sender.say(roomId, 'the sender is never limited')
  })

  test('may carry another time, for services alone', async () => {
    const bot = bridge.actor(server.url)
    const roomId = await bot.createRoom({ preset: 'public_chat' })
    const place = `${V3}/rooms/${encodeURIComponent(roomId)}`
    const sent = await bot.request('PUT', `${place}/send/m.room.message/old?ts=1234567890123`, {
      msgtype: 'm.text',
      body: 'old',
    })
    const set = await bot.request('PUT', `${place}/state/m.room.topic/?ts=42`, { topic: 'older' })
    const timeOf = async (eventId: unknown) =>
      (
        await bot.call(
          'GET',
          `/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(String(eventId))}`,
        )
      )['origin_server_ts']
    expect(await timeOf(sent.body['event_id'])).toBe(1_234_567_890_123)
    expect(await timeOf(set.body['event_id'])).toBe(42)
    for (const ts of ['-1', '1.5', 'now', '9007199254740992', '']) {
      const answer = await bot.request('PUT', `${place}/send/m.room.message/bad?ts=${ts}`, {
        msgtype: 'm.text',
        body: 'x',
      })
      expect(errorOf(answer)).toEqual([400, 'M_INVALID_PARAM'])
    }
    const person = await server.register('timeless')
    await person.join(roomId)
    const before = Date.now()
    const plain = await person.request('PUT', `${place}/send/m.room.message/new?ts=5`, {
      msgtype: 'm.text',
      body: 'x',
    })
    expect(await timeOf(plain.body['event_id'])).toBeGreaterThanOrEqual(before)
  })

  test('the same transaction sends once, by user, without a device', async () => {
    const bot = bridge.actor(server.url)
    const roomId = await bot.createRoom({ preset: 'public_chat' })
    const ghost = bridge.actor(server.url, GHOST)
    await ghost.join(roomId)
    const first = await ghost.say(roomId, 'one', 'same')
    expect(await ghost.say(roomId, 'one', 'same')).toBe(first)
    expect(await bot.say(roomId, 'another user', 'same')).not.toBe(first)
  })
})
