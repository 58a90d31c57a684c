import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

it('members say that they type, for themselves only', async () => {
  const alice = await server.register('alice')
  const bob = await server.register('bob')
  const roomId = await alice.createRoom()
  const typing = async (client: typeof alice, userId: string, body: unknown) => {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/typing/${encodeURIComponent(userId)}`
    const answer = await client.request('PUT', path, body)
    return answer.status === 200 ? answer.body : answer.body['errcode']
  }
  expect(await typing(alice, alice.userId, { typing: true, timeout: 1_000 })).toEqual({})
  expect(await typing(alice, alice.userId, { typing: false })).toEqual({})
  expect(await typing(alice, bob.userId, { typing: true })).toBe('M_FORBIDDEN')
  expect(await typing(bob, bob.userId, { typing: true })).toBe('M_FORBIDDEN')
  expect(await typing(alice, alice.userId, {})).toBe('M_BAD_JSON')
  expect(await typing(alice, alice.userId, { typing: true, timeout: 'x' })).toBe('M_BAD_JSON')
})
