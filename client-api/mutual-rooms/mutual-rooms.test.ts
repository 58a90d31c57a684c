import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

function mutual(query: Record<string, string>) {
  return alice.request('GET', `/_matrix/client/v1/mutual_rooms?${new URLSearchParams(query)}`)
}

it('are those that both are joined to, page by page', async () => {
  const rooms: string[] = []
  for (let index = 0; index < 101; index++) rooms.push(await alice.createRoom({ preset: 'public_chat' }))
  await bob.createRoom({ invite: [alice.userId] })
  await Promise.all(rooms.map((roomId) => bob.join(roomId)))

  const first = (await mutual({ user_id: bob.userId })).body
  expect(first['count']).toBe(101)
  expect(first['joined']).toHaveLength(100)
  const second = (await mutual({ user_id: bob.userId, from: String(first['next_batch']) })).body
  expect(second['next_batch']).toBeUndefined()
  expect([...(first['joined'] as string[]), ...(second['joined'] as string[])].toSorted()).toEqual(
    rooms.toSorted(),
  )
  const unstable = '/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms'
  expect((await alice.request('GET', `${unstable}?user_id=${bob.userId}`)).body).toEqual(first)
})

it('are none with users whom nobody knows, and asked for rightly', async () => {
  expect((await mutual({ user_id: '@none:there.test' })).body).toEqual({ joined: [], count: 0 })
  expect((await mutual({})).body).toMatchObject({ errcode: 'M_MISSING_PARAM' })
  const wrong: Record<string, string>[] = [
    { user_id: alice.userId },
    { user_id: 'x' },
    { user_id: bob.userId, from: 'x' },
    { user_id: bob.userId, from: `r${'9'.repeat(30)}` },
  ]
  for (const query of wrong) {
    expect((await mutual(query)).body, JSON.stringify(query)).toMatchObject({ errcode: 'M_INVALID_PARAM' })
  }
})
