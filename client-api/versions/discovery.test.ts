import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../http/test-server.ts'

let server: TestServer
let bare: TestServer
beforeAll(async () => {
  const extra =
    'public_baseurl: https://matrix.test.example\nserve_server_wellknown: true\ndefault_identity_server: https://id.test.example\nadmin_contact: mailto:a@test.example\nsupport_page: https://help.test.example\npolicy_server: {}\n'
  ;[server, bare] = await Promise.all([startTestServer(extra), startTestServer()])
})
afterAll(() => Promise.all([server.close(), bare.close()]))

test('versions are listed one by one, with or without a token, and none whose features are not here', async () => {
  const { body } = await server.request('GET', '/_matrix/client/versions', { token: 'nonsense' })
  expect(body.unstable_features).toMatchObject({
    'org.matrix.msc4140': true,
    'org.matrix.msc4155': true,
    'uk.half-shot.msc2666.query_mutual_rooms': true,
    'uk.half-shot.msc2666.query_mutual_rooms.stable': true,
    'dev.meridian.live': true,
    'org.matrix.simplified_msc3575': true,
    'org.matrix.msc2285.stable': true,
    'org.matrix.msc3440.stable': true,
    'org.matrix.msc3715.stable': true,
    'org.matrix.msc3771': true,
    'org.matrix.msc3773': true,
    'org.matrix.msc3391': true,
    'org.matrix.msc3827.stable': true,
    'org.matrix.msc3856.stable': true,
    'org.matrix.msc3874': true,
    'org.matrix.msc3981': true,
  })
  expect(body.versions).toEqual([
    'r0.6.1',
    'v1.1',
    'v1.2',
    'v1.3',
    'v1.4',
    'v1.5',
    'v1.6',
    'v1.7',
    'v1.8',
    'v1.9',
    'v1.10',
    'v1.11',
    'v1.12',
    'v1.13',
    'v1.14',
    'v1.15',
    'v1.16',
    'v1.17',
    'v1.18',
  ])
})

test('well-known files say where the server is, if it is known', async () => {
  const get = async (from: TestServer, name: string) => {
    const { status, body } = await from.request('GET', `/.well-known/matrix/${name}`)
    return status === 200 ? body : status
  }
  expect(await get(server, 'client')).toEqual({
    'm.homeserver': { base_url: 'https://matrix.test.example/' },
    'm.identity_server': { base_url: 'https://id.test.example' },
  })
  expect(await get(server, 'server')).toEqual({ 'm.server': 'matrix.test.example:443' })
  expect(await get(server, 'support')).toEqual({
    contacts: [{ role: 'm.role.admin', email_address: 'a@test.example' }],
    support_page: 'https://help.test.example',
  })
  expect(await get(server, 'policy_server')).toEqual({
    public_keys: { ed25519: expect.stringMatching(/^[A-Za-z0-9+/]{43}$/) as string },
  })
  expect(await get(bare, 'policy_server')).toBe(404)
  expect([await get(bare, 'client'), await get(bare, 'server'), await get(bare, 'support')]).toEqual([
    404, 404, 404,
  ])
})

test('capabilities are for those who are logged in', async () => {
  expect((await server.request('GET', '/_matrix/client/v3/capabilities')).status).toBe(401)
  const { token } = await server.register('alice')
  const { body } = await server.request('GET', '/_matrix/client/v3/capabilities', { token })
  expect(body.capabilities).toMatchObject({
    'm.delayed_events': { max_delay_ms: 86_400_000, max_scheduled: 100 },
    'org.matrix.msc4140.delayed_events': { max_delay_ms: 86_400_000, max_scheduled: 100 },
    'm.room_versions': {
      default: '12',
      available: { '1': 'stable', '12': 'stable', 'org.matrix.msc3757.11': 'unstable' },
    },
    'm.change_password': { enabled: true },
  })
})
