import { expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const encoded = encodeURIComponent

async function withServer(
  config: Record<string, unknown>,
  test: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await startTestServer({ config })
  try {
    await test(server)
  } finally {
    await server.close()
  }
}

it('a room that has been forgotten is closed to who has forgotten it, on every path', () =>
  withServer({}, async (server) => {
    const alice = await server.register('alice')
    const bob = await server.register('bob')
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const said = await bob.say(roomId, 'mine')
    const room = `/rooms/${encoded(roomId)}`
    await bob.call('POST', `${room}/leave`, {})
    const reads = ['messages?dir=b', `context/${said}`, 'state', 'members', `event/${said}`]
    const statuses = () =>
      Promise.all(
        reads.map(async (path) => (await bob.request('GET', `/_matrix/client/v3${room}/${path}`)).status),
      )
    expect(await statuses()).toEqual([200, 200, 200, 200, 200])
    await bob.call('POST', `${room}/forget`, {})
    expect(await statuses()).toEqual([403, 403, 403, 403, 404])
  }))

it('rooms that users are put out of are forgotten where that is configured', () =>
  withServer({ forget_rooms_on_leave: true }, async (server) => {
    const alice = await server.register('alice')
    const bob = await server.register('bob')
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    const room = `/rooms/${encoded(roomId)}`
    const reads = async () => (await bob.request('GET', `/_matrix/client/v3${room}/messages?dir=b`)).status
    for (const what of ['kick', 'ban']) {
      await bob.join(roomId)
      expect(await reads()).toBe(200)
      await alice.call('POST', `${room}/${what}`, { user_id: bob.userId })
      await expect.poll(reads, { timeout: 20_000 }).toBe(403)
    }
    expect(JSON.stringify(await bob.sync({ filter: '{"room":{"include_leave":true}}' }))).not.toContain(
      roomId,
    )
  }))
