import { describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import {
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from '../../spec-tests/support/test-server.ts'

const STRICT = { per_second: 0.001, burst_count: 1 }
const encoded = encodeURIComponent

async function withServer(
  config: NonNullable<TestServerOptions['config']>,
  test: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await startTestServer({ config })
  try {
    await test(server)
  } finally {
    await server.close()
  }
}

async function outcome(client: TestClient, method: string, path: string, body: Json = {}): Promise<unknown> {
  const answer = await client.request(method, `/_matrix/client/v3${path}`, body)
  return answer.status === 200 ? 200 : [answer.status, answer.body['errcode']]
}

const FORBIDDEN = [403, 'M_FORBIDDEN']
const LIMITED = [429, 'M_LIMIT_EXCEEDED']

describe('invites', () => {
  it('are left to administrators where that is configured, on every path', () =>
    withServer({ block_non_admin_invites: true }, async (server) => {
      const alice = await server.register('alice')
      const bob = await server.register('bob')
      const roomId = await alice.createRoom()
      const room = `/rooms/${encoded(roomId)}`
      expect(await outcome(alice, 'POST', `${room}/invite`, { user_id: bob.userId })).toEqual(FORBIDDEN)
      const invite = { membership: 'invite' }
      expect(await outcome(alice, 'PUT', `${room}/state/m.room.member/${bob.userId}`, invite)).toEqual(
        FORBIDDEN,
      )
      expect(await outcome(alice, 'POST', '/createRoom', { invite: [bob.userId] })).toEqual(FORBIDDEN)
    }))

  it('are limited by room, by who is invited and by who invites', async () => {
    for (const limit of ['per_room', 'per_user', 'per_issuer']) {
      await withServer({ rc_invites: { [limit]: STRICT } }, async (server) => {
        const alice = await server.register('alice')
        const [bob, carol] = [await server.register('bob'), await server.register('carol')]
        const [one, other] = [await alice.createRoom(), await alice.createRoom()]
        const invite = (roomId: string, user: TestClient) =>
          outcome(alice, 'POST', `/rooms/${encoded(roomId)}/invite`, { user_id: user.userId })
        expect(await invite(one, bob)).toBe(200)
        const second =
          limit === 'per_room' ? invite(one, carol) : invite(other, limit === 'per_user' ? bob : carol)
        expect(await second, limit).toEqual(LIMITED)
      })
    }
  })
})

describe('joins and new rooms', () => {
  it.each([
    ['rc_joins', { local: STRICT }],
    ['rc_joins_per_room', STRICT],
  ])('are limited by %s, who is told when to come back', (key, limit) =>
    withServer({ [key]: limit }, async (server) => {
      const alice = await server.register('alice')
      const bob = await server.register('bob')
      const rooms = [await alice.createRoom({ preset: 'public_chat' })]
      rooms.push(key === 'rc_joins' ? await alice.createRoom({ preset: 'public_chat' }) : rooms[0]!)
      await bob.join(rooms[0]!)
      const second = key === 'rc_joins' ? bob : await server.register('carol')
      const path = `/_matrix/client/v3/join/${encoded(rooms[1]!)}`
      const refused = await second.request('POST', path, {})
      expect([refused.status, refused.body['errcode']]).toEqual(LIMITED)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    }),
  )

  it('are limited by rc_room_creation', () =>
    withServer({ rc_room_creation: STRICT }, async (server) => {
      const alice = await server.register('alice')
      const roomId = await alice.createRoom()
      expect(await outcome(alice, 'POST', '/createRoom')).toEqual(LIMITED)
      expect(
        await outcome(alice, 'POST', `/rooms/${encoded(roomId)}/upgrade`, { new_version: '11' }),
      ).toEqual(LIMITED)
    }))
})
