import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
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

interface Notification {
  readonly room_id: string
  readonly ts: number
  readonly read: boolean
  readonly actions: readonly unknown[]
  readonly event: { readonly event_id: string; readonly type: string; readonly room_id?: string }
}

async function notifications(query: Readonly<Record<string, string>> = {}) {
  const answer = await bob.call('GET', `/notifications?${new URLSearchParams(query)}`)
  return { list: answer['notifications'] as readonly Notification[], next: answer['next_token'] as string }
}

function read(room: string, eventId: string): Promise<Json> {
  return bob.call(
    'POST',
    `/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(eventId)}`,
    {},
  )
}

it('lists what the rules notify of, newest first and page by page, read or not', async () => {
  const room = await alice.createRoom({ preset: 'public_chat' })
  await alice.say(room, 'before the join')
  await bob.join(room)
  const carol = await server.register('carol')
  await carol.join(room)
  const first = await alice.say(room, 'first')
  await alice.send(room, 'm.room.message', { msgtype: 'm.notice', body: 'a notice' })
  const mention = { msgtype: 'm.text', body: 'you', 'm.mentions': { user_ids: [bob.userId] } }
  const second = await alice.send(room, 'm.room.message', mention)
  await bob.say(room, 'my own')
  const custom = await alice.send(room, 'org.example.custom', mention)
  const gone = await alice.say(room, 'gone')
  await alice.call('PUT', `/rooms/${encodeURIComponent(room)}/redact/${encodeURIComponent(gone)}/t`, {})
  const all = await notifications()
  expect(all.list.map(({ event }) => event.event_id)).toEqual([custom, second, first])
  expect(all.next).toBeUndefined()
  expect(all.list.map((notification) => notification.read)).toEqual([false, true, true])
  expect(all.list[2]).toMatchObject({ room_id: room, ts: expect.any(Number), actions: ['notify'] })
  expect(all.list[2]!.event.room_id).toBeUndefined()
  await read(room, custom)
  expect((await notifications()).list[0]!.read).toBe(true)

  const paged: string[] = []
  let from: string | undefined
  do {
    const page = await notifications({ limit: '1', ...(from !== undefined && { from }) })
    paged.push(...page.list.map(({ event }) => event.event_id))
    from = page.next
  } while (from !== undefined)
  expect(paged).toEqual([custom, second, first])
  const highlights = await notifications({ only: 'highlight' })
  expect(highlights.list.map(({ event }) => event.event_id)).toEqual([custom, second])
})

it('a muted room does not notify', async () => {
  const room = await alice.createRoom({ preset: 'private_chat', invite: [bob.userId] })
  await bob.join(room)
  await alice.say(room, 'loud')
  expect((await notifications({ limit: '1' })).list[0]!.room_id).toBe(room)
  await bob.call('PUT', `/pushrules/global/room/${encodeURIComponent(room)}`, { actions: [] })
  await alice.say(room, 'muted')
  expect((await notifications()).list.map(({ room_id }) => room_id)).not.toContain(room)
})

it('refuses what is no token', async () => {
  const { status, body } = await bob.request('GET', '/_matrix/client/v3/notifications?from=nonsense')
  expect([status, body['errcode']]).toEqual([400, 'M_INVALID_PARAM'])
})
