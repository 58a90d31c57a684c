import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const encoded = encodeURIComponent
let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  server = await startTestServer({ config: { allow_guest_access: true } })
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

it('a room that takes no guests any more has none', async () => {
  const guest = server.anonymous()
  const registered = await guest.call('POST', '/register?kind=guest', {})
  guest.userId = String(registered['user_id'])
  guest.token = String(registered['access_token'])
  const closed = await alice.createRoom({ preset: 'public_chat' })
  const refused = await guest.request('POST', `/_matrix/client/v3/join/${encoded(closed)}`, {})
  expect([refused.status, refused.body['errcode']]).toEqual([403, 'M_GUEST_ACCESS_FORBIDDEN'])
  const open = await alice.createRoom({
    preset: 'public_chat',
    initial_state: [{ type: 'm.room.guest_access', content: { guest_access: 'can_join' } }],
  })
  await guest.join(open)
  await bob.join(open)
  const members = async () => {
    const answer = await alice.call('GET', `/rooms/${encoded(open)}/members?membership=join`)
    return (answer['chunk'] as Json[]).map((event) => event['state_key'])
  }
  expect(await members()).toContain(guest.userId)
  await alice.setState(open, 'm.room.guest_access', { guest_access: 'forbidden' })
  await expect.poll(members, { timeout: 20_000 }).not.toContain(guest.userId)
  expect(await members()).toContain(bob.userId)
})
