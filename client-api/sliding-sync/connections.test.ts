import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { openDatabase } from '../../storage/database.ts'
import { everything, messagesIn, post, slide, stateIn } from './sliding-client.fixture.ts'

let database: TestDatabase
let server: TestServer
let alice: TestClient
let roomId: string

beforeAll(async () => {
  database = await createTestDatabase()
  server = await startTestServer({ database: database.address })
  alice = await server.register('alice')
  roomId = await alice.createRoom({ preset: 'public_chat' })
})
afterAll(async () => {
  await server.close()
  await database.close()
})

const lists = { all: everything(5, [['m.room.topic', '']]) } // prettier-ignore
const lazily = { all: everything(1, [['m.room.member', '$LAZY']]) } // prettier-ignore

it('gives a repeated request a whole answer, and forgets the answer that was not taken', async () => {
  const { pos } = await slide(alice, { lists })
  const other = await alice.createRoom({ preset: 'public_chat' })
  const lost = await slide(alice, { lists }, pos)
  const repeated = await slide(alice, { lists }, pos)
  for (const answer of [lost, repeated]) expect(answer.rooms[other]).toMatchObject({ initial: true })
  expect((await slide(alice, { lists }, repeated.pos)).rooms).toEqual({})
  expect((await post(alice, { lists }, lost.pos)).body['errcode']).toBe('M_UNKNOWN_POS')
  // A room that only the lost answer had told of is not taken for told.
  const rules = { room_subscriptions: { [roomId]: { timeline_limit: 1, required_state: [] } } }
  const begun = await slide(alice, rules)
  await slide(alice, { lists }, begun.pos)
  const narrow = await slide(alice, rules, begun.pos)
  expect((await slide(alice, { lists }, narrow.pos)).rooms[other]).toMatchObject({ initial: true })
})

it('keeps the connections of a device apart, also at the same time', async () => {
  const names = ['room-list', 'encryption', 'notifications']
  const begun = await Promise.all(names.map((conn_id) => slide(alice, { conn_id, lists })))
  const waiting = begun.map(({ pos }, index) => slide(alice, { conn_id: names[index], lists }, pos, 20_000))
  await alice.say(roomId, 'to all')
  for (const { rooms } of await Promise.all(waiting)) expect(messagesIn(rooms[roomId])).toEqual(['to all'])
})

it('ends the former life of a connection that begins anew, and the oldest of too many', async () => {
  const former = await slide(alice, { conn_id: 'main', lists })
  const begun = await slide(alice, { conn_id: 'main', lists })
  expect((await post(alice, { conn_id: 'main', lists }, former.pos)).body['errcode']).toBe('M_UNKNOWN_POS')
  for (let index = 0; index < 12; index++) await slide(alice, { conn_id: `many${index}`, lists: {} })
  expect((await post(alice, { conn_id: 'main', lists }, begun.pos)).body['errcode']).toBe('M_UNKNOWN_POS')
})

it('takes requests with one position at the same time, and goes on from the last', async () => {
  const { pos } = await slide(alice, { conn_id: 'twice', lists: {} })
  const answers = await Promise.all([1, 2, 3].map(() => post(alice, { conn_id: 'twice', lists }, pos)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  const taken = new Set(answers.map(({ body }) => String(body['pos'])).filter((place) => place !== pos))
  const next = await Promise.all(
    Array.from(taken, (place) => post(alice, { conn_id: 'twice', lists }, place)),
  )
  expect(next.filter(({ status }) => status === 200)).toHaveLength(1)
})

it('goes on after a restart with what it had sent, from both positions that live', async () => {
  const before = await slide(alice, { conn_id: 'restart', lists: lazily })
  await alice.setState(roomId, 'm.room.topic', { topic: 'news' })
  const other = await alice.createRoom({ preset: 'public_chat' })
  const last = await slide(alice, { conn_id: 'restart', lists: lazily }, before.pos)
  expect(Object.keys(last.rooms).toSorted()).toEqual([roomId, other].toSorted())
  await restart()
  const repeated = await slide(alice, { conn_id: 'restart', lists: lazily }, before.pos)
  expect(repeated.rooms[other]).toMatchObject({ initial: true })
  await alice.say(roomId, 'after')
  const next = await slide(alice, { conn_id: 'restart', lists: lazily }, repeated.pos)
  expect(Object.keys(next.rooms)).toEqual([roomId])
  expect(messagesIn(next.rooms[roomId])).toEqual(['after'])
  expect(stateIn(next.rooms[roomId])).toEqual([])
})

it('ends connections that nobody has used for a week', async () => {
  const { pos } = await slide(alice, { conn_id: 'old', lists })
  await age(8 * 24 * 3_600_000)
  await restart()
  expect((await post(alice, { conn_id: 'old', lists }, pos)).body['errcode']).toBe('M_UNKNOWN_POS')
})

it('loses nothing and repeats nothing while others write', async () => {
  const texts = Array.from({ length: 40 }, (_, index) => `race ${index}`)
  let { pos } = await slide(alice, { conn_id: 'race', lists: { all: everything(100) } })
  const writing = (async () => {
    for (const text of texts) await alice.say(roomId, text)
  })()
  const seen: unknown[] = []
  while (seen.length < texts.length) {
    const answer = await slide(alice, { conn_id: 'race', lists: { all: everything(100) } }, pos, 20_000)
    seen.push(...messagesIn(answer.rooms[roomId]))
    pos = answer.pos
  }
  await writing
  expect(seen).toEqual(texts)
})

it('ends connections that come back after long to news in many rooms', async () => {
  const { pos } = await slide(alice, { conn_id: 'idle', lists: {} })
  await Promise.all(Array.from({ length: 101 }, () => alice.createRoom()))
  await age(2 * 3_600_000)
  await restart()
  const many = { all: { ...lists.all, ranges: [[0, 200]] } }
  expect((await post(alice, { conn_id: 'idle', lists: many }, pos)).body['errcode']).toBe('M_UNKNOWN_POS')
})

/** The same database under a new process, as far as sliding sync can tell. */
async function restart(): Promise<void> {
  await server.close()
  server = await startTestServer({ database: database.address })
  const again = new TestClient(server.url)
  Object.assign(again, { userId: alice.userId, deviceId: alice.deviceId, token: alice.token })
  alice = again
}

/** Has all connections unused for so long, in milliseconds. */
async function age(idleMs: number): Promise<void> {
  const { queries, close } = openDatabase(database.address)
  await queries
    .updateTable('sliding_sync_connection')
    .set(({ eb }) => ({ last_used_ts: eb('last_used_ts', '-', idleMs) }))
    .execute()
  await close()
}
