import { expect, it } from 'vitest'
import type { Json, TestClient } from '../../../spec-tests/support/test-client.ts'
import { createTestDatabase } from '../../../spec-tests/support/test-database.ts'
import { startTestServer } from '../../../spec-tests/support/test-server.ts'

async function lists(client: TestClient, since: string): Promise<{ changed: string[]; left: string[] }> {
  const { changed, left } = (await client.sync({ since }))['device_lists'] as Json
  return { changed: (changed as string[]).toSorted(), left: (left as string[]).toSorted() }
}

async function now(client: TestClient): Promise<string> {
  return String((await client.sync())['next_batch'])
}

it('a server that has just started says what it would have said before', async () => {
  const database = await createTestDatabase()
  const first = await startTestServer({ database: database.address })
  const [alice, bob, carol, dave] = await Promise.all(
    ['alice', 'bob', 'carol', 'dave'].map((name) => first.register(name)),
  )
  const clients = [alice!, bob!, carol!, dave!] as const
  const room = await alice!.createRoom({ preset: 'public_chat' })
  await bob!.join(room)
  await carol!.join(room)
  const since = await Promise.all(clients.map(now))
  await bob!.call('PUT', `/devices/${bob!.deviceId}`, { display_name: 'telephone' })
  await carol!.call('POST', `/rooms/${room}/leave`, {})
  await dave!.join(room)
  const before = await Promise.all(clients.map((client, index) => lists(client, since[index]!)))
  expect(before).toEqual([
    { changed: [bob!.userId, dave!.userId], left: [carol!.userId] },
    { changed: [bob!.userId, dave!.userId], left: [carol!.userId] },
    { changed: [], left: [alice!.userId, bob!.userId] },
    { changed: [alice!.userId, bob!.userId, dave!.userId], left: [] },
  ])
  await first.close()

  const second = await startTestServer({ database: database.address })
  const again = clients.map(({ token }) => Object.assign(second.anonymous(), { token }))
  expect(await Promise.all(again.map((client, index) => lists(client, since[index]!)))).toEqual(before)
  await second.close()
  await database.close()
})
