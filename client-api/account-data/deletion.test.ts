import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let roomId: string

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  roomId = await alice.createRoom()
})
afterAll(() => server.close())

const TYPE = 'org.example.deleted'
const globalData = (): string => `/user/${alice.userId}/account_data/${TYPE}`
const roomData = (): string =>
  `/user/${alice.userId}/rooms/${encodeURIComponent(roomId)}/account_data/${TYPE}`
const stable = (path: string): string => `/_matrix/client/v3${path}`

/** What a sync tells of the type, global or in the room. */
async function told(
  since?: string,
): Promise<{ readonly contents: readonly unknown[]; readonly next: string }> {
  const answer = await alice.sync(since === undefined ? {} : { since })
  const rooms = answer['rooms'] as { readonly join?: Readonly<Record<string, Json>> } | undefined
  const parts = [answer['account_data'], rooms?.join?.[roomId]?.['account_data']] as (
    { readonly events: readonly Json[] } | undefined
  )[]
  const events = parts.flatMap((part) => part?.events ?? []).filter(({ type }) => type === TYPE)
  return { contents: events.map(({ content }) => content), next: String(answer['next_batch']) }
}

it.each([
  ['DELETE', 'global', globalData],
  ['an empty PUT', 'global', globalData],
  ['DELETE', 'room', roomData],
  ['an empty PUT', 'room', roomData],
])('%s deletes %s data: told once as an empty object, then as if it had never been', async (way, _, path) => {
  await alice.request('PUT', stable(path()), { value: 1 })
  const before = await told()
  expect(before.contents).toEqual([{ value: 1 }])
  const answer =
    way === 'DELETE'
      ? await alice.request('DELETE', `/_matrix/client/unstable/org.matrix.msc3391${path()}`)
      : await alice.request('PUT', stable(path()), {})
  expect([answer.status, answer.body]).toEqual([200, {}])
  expect((await alice.request('GET', stable(path()))).body['errcode']).toBe('M_NOT_FOUND')
  const after = await told(before.next)
  expect(after.contents).toEqual([{}])
  expect((await told(after.next)).contents).toEqual([])
  expect((await told()).contents).toEqual([])
})

it('deleting what is not there tells nobody', async () => {
  const { next } = await told()
  expect((await alice.request('PUT', stable(globalData()), {})).status).toBe(200)
  expect((await alice.sync({ since: next }))['next_batch']).toBe(next)
})
