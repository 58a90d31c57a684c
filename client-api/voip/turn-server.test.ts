import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'

const URIS = ['turn:turn.example.org?transport=udp', 'turns:turn.example.org']

async function withServer(
  config: Record<string, unknown>,
  check: (server: TestServer, alice: TestClient) => Promise<void>,
): Promise<void> {
  const server = await startTestServer({ config })
  try {
    await check(server, await server.register('alice'))
  } finally {
    await server.close()
  }
}

const TURN = '/_matrix/client/v3/voip/turnServer'

test('credentials end with their lifetime, and only the shared secret makes them', () =>
  withServer(
    {
      turn_uris: URIS,
      turn_shared_secret: 'between us',
      turn_user_lifetime: '30m',
      turn_allow_guests: false,
      allow_guest_access: true,
    },
    async (server, alice) => {
      const { body } = await alice.request('GET', TURN)
      const [until, userId] = String(body['username']).split(/:(.*)/)
      expect(Number(until) - Date.now() / 1000).toBeGreaterThan(1790)
      expect(Number(until) - Date.now() / 1000).toBeLessThanOrEqual(1800)
      expect(userId).toBe(alice.userId)
      const mac = createHmac('sha1', 'between us').update(String(body['username'])).digest('base64')
      expect(body).toEqual({ username: body['username'], password: mac, ttl: 1800, uris: URIS })
      const guest = server.anonymous()
      guest.token = String((await guest.call('POST', '/register?kind=guest', {}))['access_token'])
      expect(await guest.request('GET', TURN)).toMatchObject({
        status: 403,
        body: { errcode: 'M_GUEST_ACCESS_FORBIDDEN' },
      })
      expect((await server.anonymous().request('GET', TURN)).status).toBe(401)
    },
  ))

test('one name and password serve everybody where that is configured; and nobody is served without', async () => {
  const fixed = { turn_uris: URIS, turn_username: 'u', turn_password: 'p' }
  await withServer(fixed, async (_server, alice) => {
    const { body } = await alice.request('GET', TURN)
    expect(body).toEqual({ username: 'u', password: 'p', ttl: 3600, uris: URIS })
  })
  await withServer({}, async (_server, alice) => {
    expect(await alice.request('GET', TURN)).toMatchObject({ status: 200, body: {} })
  })
})

test('group calls are told where they meet, by endpoint and by well-known', async () => {
  const transports = [{ type: 'livekit', livekit_service_url: 'https://calls.example.org' }]
  const path = '/_matrix/client/unstable/org.matrix.msc4143/rtc/transports'
  const config = { matrix_rtc: { transports }, public_baseurl: 'https://matrix.example.org/' }
  await withServer(config, async (server, alice) => {
    expect((await alice.request('GET', path)).body).toEqual({ rtc_transports: transports })
    expect((await server.anonymous().request('GET', path)).status).toBe(401)
    const { body } = await server.anonymous().request('GET', '/.well-known/matrix/client')
    expect(body['org.matrix.msc4143.rtc_foci']).toEqual(transports)
    const { body: versions } = await alice.request('GET', '/_matrix/client/versions')
    expect((versions['unstable_features'] as Json)['org.matrix.msc4143']).toBe(true)
  })
  await withServer({}, async (_server, alice) => {
    expect((await alice.request('GET', path)).body).toEqual({ rtc_transports: [] })
  })
})
