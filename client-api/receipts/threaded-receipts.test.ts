import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let room: string
let since: string

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())
beforeEach(async () => {
  room = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(room)
  since = String((await bob.sync())['next_batch'])
})

const THREADS = JSON.stringify({ room: { timeline: { unread_thread_notifications: true } } })

interface SyncedRoom {
  readonly unread_notifications: Json
  readonly unread_thread_notifications?: Json
  readonly ephemeral: { readonly events: readonly { readonly type: string; readonly content: Json }[] }
}

async function synced(client: TestClient, query: Readonly<Record<string, string>>): Promise<SyncedRoom> {
  const answer = await client.sync(query)
  return (answer['rooms'] as { join: Record<string, SyncedRoom> }).join[room]!
}

function say(content: Json = {}): Promise<string> {
  return alice.send(room, 'm.room.message', { msgtype: 'm.text', body: 'text', ...content })
}

function related(relType: string, eventId: string): Json {
  return { 'm.relates_to': { rel_type: relType, event_id: eventId } }
}

function read(eventId: string, thread?: string, type = 'm.read') {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/receipt/${type}/${encodeURIComponent(eventId)}`
  return bob.request('POST', path, thread === undefined ? {} : { thread_id: thread })
}

function counted(notifications: number, highlights: number): Json {
  return { notification_count: notifications, highlight_count: highlights }
}

/** All threads as one, then the main timeline and the threads. */
async function unread(query: Readonly<Record<string, string>> = { since }) {
  const whole = await synced(bob, query)
  const parts = await synced(bob, { ...query, filter: THREADS })
  expect(whole.unread_thread_notifications).toBeUndefined()
  return [whole.unread_notifications, parts.unread_notifications, parts.unread_thread_notifications]
}

it('counts are by thread, and so are the receipts that clear them', async () => {
  const mention = { 'm.mentions': { user_ids: [bob.userId] } }
  const a = await say()
  const b = await say(related('m.thread', a))
  await say({ ...related('m.thread', a), ...mention })
  const d = await say({ body: `Hello ${bob.userId}!` })
  await say(related('m.thread', a))
  const f = await say(related('m.reference', a))
  const g = await alice.send(room, 'm.reaction', related('m.annotation', f))
  expect(await unread()).toEqual([counted(6, 2), counted(3, 1), { [a]: counted(3, 1) }])
  await read(a, 'main')
  expect(await unread()).toEqual([counted(5, 2), counted(2, 1), { [a]: counted(3, 1) }])
  await read(b, a)
  expect(await unread()).toEqual([counted(4, 2), counted(2, 1), { [a]: counted(2, 1) }])
  await read(d)
  expect(await unread()).toEqual([counted(2, 0), counted(1, 0), { [a]: counted(1, 0) }])
  await read(g, a)
  expect(await unread()).toEqual([counted(1, 0), counted(1, 0), undefined])
  const { ephemeral } = await synced(bob, { since })
  const at = ephemeral.events.find(({ type }) => type === 'm.receipt')!.content
  const mine = (eventId: string) => (at[eventId] as Record<string, Json> | undefined)?.['m.read']![bob.userId]
  expect([mine(a), mine(b), mine(d), mine(g)]).toEqual([
    { ts: expect.any(Number), thread_id: 'main' },
    undefined,
    { ts: expect.any(Number) },
    { ts: expect.any(Number), thread_id: a },
  ])
})

it('what belongs to the thread is marked with it, other events are refused', async () => {
  const root = await say()
  const inThread = await say(related('m.thread', root))
  const reaction = await alice.send(room, 'm.reaction', related('m.annotation', inThread))
  const other = await say()
  const statuses = async (receipts: readonly (readonly [string, string])[]) =>
    Promise.all(receipts.map(async ([eventId, thread]) => (await read(eventId, thread)).status))
  expect(
    await statuses([
      [root, 'main'],
      [other, 'main'],
      [root, root],
      [inThread, root],
      [reaction, root],
    ]),
  ).toEqual(Array(5).fill(200))
  expect(
    await statuses([
      [inThread, 'main'],
      [reaction, 'main'],
      [other, root],
      [inThread, other],
    ]),
  ).toEqual(Array(4).fill(400))
})

it('private receipts clear counts and are told to their owner alone; unknown events are borne', async () => {
  const first = await say()
  const before = { since: String((await alice.sync())['next_batch']) }
  await read(first, undefined, 'm.read.private')
  expect((await unread())[0]).toEqual(counted(0, 0))
  const receipts = async (client: TestClient, query: Readonly<Record<string, string>>) =>
    (await synced(client, query))?.ephemeral.events.find(({ type }) => type === 'm.receipt')?.content
  expect(await receipts(bob, { since })).toEqual({
    [first]: { 'm.read.private': { [bob.userId]: { ts: expect.any(Number) } } },
  })
  expect(await receipts(alice, before)).toBeUndefined()
  expect((await read('$never-seen')).status).toBe(200)
  expect(await receipts(alice, before)).toEqual({ '$never-seen': { 'm.read': expect.anything() } })
})

it('the receipt of the whole room is shown where a threaded one is at the same event', async () => {
  const root = await say()
  const reply = await say(related('m.thread', root))
  await read(reply)
  await read(reply, root)
  const { ephemeral } = await synced(bob, {})
  const { content } = ephemeral.events.find(({ type }) => type === 'm.receipt')!
  expect(content).toEqual({ [reply]: { 'm.read': { [bob.userId]: { ts: expect.any(Number) } } } })
})
