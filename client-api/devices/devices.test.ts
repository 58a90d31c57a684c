import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const DEVICES = '/_matrix/client/v3/devices'
const PASSWORD = 'correct horse'

let server: TestServer
beforeAll(async () => void (server = await startTestServer()))
afterAll(() => server.close())

async function logIn(user: string, extra: object = {}) {
  const body = { type: 'm.login.password', user, password: PASSWORD, ...extra }
  const answer = await server.request('POST', '/_matrix/client/v3/login', { body })
  return { deviceId: String(answer.body.device_id), token: String(answer.body.access_token) }
}

const passwordOf = (user: string, password = PASSWORD) => ({
  auth: { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password },
})

/** A device has been seen as soon as it has logged in. */
const SEEN = { last_seen_ip: '127.0.0.1', last_seen_ts: expect.any(Number) }

test('devices are listed, shown and renamed, names of any characters included', async () => {
  const { userId, deviceId, token } = await server.register('lister')
  await logIn('lister', { device_id: 'PHONE', initial_device_display_name: 'Phone' })
  const list = await server.request('GET', DEVICES, { token })
  expect(list.body.devices).toEqual([
    { device_id: deviceId, ...SEEN },
    { device_id: 'PHONE', display_name: 'Phone', ...SEEN },
  ])
  for (const name of ['Téléphone 📱', 'nul\0 in it', '']) {
    const path = `${DEVICES}/PHONE`
    expect((await server.request('PUT', path, { token, body: { display_name: name } })).body).toEqual({})
    expect((await server.request('GET', path, { token })).body).toEqual({
      device_id: 'PHONE',
      display_name: name,
      ...SEEN,
    })
  }
  const long = await server.request('PUT', `${DEVICES}/PHONE`, {
    token,
    body: { display_name: 'x'.repeat(101) },
  })
  expect([long.status, long.body.errcode]).toEqual([400, 'M_TOO_LARGE'])
  expect(userId).toBe('@lister:test.example')
})

test('what a user does not have is not found', async () => {
  const { token } = await server.register('finder')
  const other = await server.register('other')
  for (const deviceId of ['UNKNOWN', other.deviceId]) {
    const path = `${DEVICES}/${deviceId}`
    expect((await server.request('GET', path, { token })).status).toBe(404)
    expect((await server.request('PUT', path, { token, body: { display_name: 'x' } })).status).toBe(404)
    expect((await server.request('PUT', path, { token, body: {} })).status).toBe(404)
  }
})

test('when and from where a device was seen is written behind the request', async () => {
  const { deviceId, token } = await server.register('seen')
  const long = server.accounts.queries.updateTable('device').set({ last_seen_ts: 1, last_seen_ip: null })
  await long.where('device_id', '=', deviceId).execute()
  await server.request('GET', DEVICES, { token })
  await server.accounts.lastSeen.flush()
  const { body } = await server.request('GET', `${DEVICES}/${deviceId}`, { token })
  expect(body).toMatchObject({ last_seen_ip: '127.0.0.1' })
  expect(body['last_seen_ts']).toBeGreaterThan(1)
})

describe('deletion', () => {
  test('asks for the password and then ends the device and its token', async () => {
    const { userId, token } = await server.register('deleter')
    const gone = await logIn('deleter')
    const path = `${DEVICES}/${gone.deviceId}`
    const asked = await server.request('DELETE', path, { token })
    expect(asked.status).toBe(401)
    expect(asked.body).toEqual({
      flows: [{ stages: ['m.login.password'] }],
      params: {},
      session: expect.any(String),
    })
    const wrong = await server.request('DELETE', path, { token, body: passwordOf(userId, 'wrong') })
    expect([wrong.status, wrong.body.errcode, wrong.body.flows]).toEqual([
      401,
      'M_FORBIDDEN',
      asked.body.flows,
    ])
    expect((await server.request('DELETE', path, { token, body: passwordOf(userId) })).body).toEqual({})
    expect((await server.request('GET', path, { token })).status).toBe(404)
    expect((await server.request('GET', DEVICES, { token: gone.token })).status).toBe(401)
  })

  test('needs the password of the device owner', async () => {
    const { userId, token } = await server.register('owner')
    const bob = await server.register('bob', 'bobspassword')
    const spare = await logIn('owner')
    const path = `${DEVICES}/${spare.deviceId}`
    const answer = await server.request('DELETE', path, {
      token,
      body: passwordOf(bob.userId, 'bobspassword'),
    })
    expect(answer.status).toBe(403)
    expect((await server.request('GET', path, { token })).status).toBe(200)
    expect(userId).not.toBe(bob.userId)
  })

  test('a session is good for what it was started for', async () => {
    const { userId, token } = await server.register('swapper')
    const [one, two] = [await logIn('swapper'), await logIn('swapper')]
    const asked = await server.request('DELETE', `${DEVICES}/${one.deviceId}`, { token })
    const auth = { ...passwordOf(userId).auth, session: asked.body.session }
    const swapped = await server.request('DELETE', `${DEVICES}/${two.deviceId}`, { token, body: { auth } })
    expect(swapped.status).toBe(401)
    expect(
      (await server.request('DELETE', `${DEVICES}/${one.deviceId}`, { token, body: { auth } })).status,
    ).toBe(200)
  })

  test('of several at once, strangers among them', async () => {
    const { userId, deviceId, token } = await server.register('several')
    const [one, two] = [await logIn('several'), await logIn('several')]
    const devices = [one.deviceId, two.deviceId, 'STRANGE', 'nul\0']
    const path = '/_matrix/client/v3/delete_devices'
    expect((await server.request('POST', path, { token, body: { devices } })).status).toBe(401)
    expect((await server.request('POST', path, { token, body: { devices: 'x' } })).status).toBe(400)
    const body = { devices, ...passwordOf(userId) }
    expect((await server.request('POST', path, { token, body })).status).toBe(200)
    expect((await server.request('GET', DEVICES, { token })).body.devices).toMatchObject([
      { device_id: deviceId },
    ])
  })
})
