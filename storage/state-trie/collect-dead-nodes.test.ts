import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../database.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import { collectDeadNodes } from './collect-dead-nodes.ts'
import { insertNodesStatement } from './insert-nodes.ts'
import { postgresNodeStore } from './node-store.ts'
import { EMPTY_ROOT, type StateRoot } from './state-root.ts'
import { StateTrie, type AppliedChanges } from './state-trie.ts'
import type { StateEntry } from './trie-node.ts'
import { loadTrieSecret } from './trie-secret.ts'
import { MissingStateNode } from './walk.ts'

let testDatabase: TestDatabase
let database: Database
let secret: Buffer

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  secret = await loadTrieSecret(database.queries)
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

const freshTrie = (): StateTrie => new StateTrie({ store: postgresNodeStore(database.pool), secret })

async function commit({ root, newNodes }: AppliedChanges): Promise<StateRoot> {
  const { name, text, values } = insertNodesStatement(newNodes)
  await database.pool.query({ name, text, values: [...values] })
  return root
}

const TOKEN = 7

/** @param late roots that come to live while the collection goes on. */
async function collect(
  roomNid: RoomNid,
  liveRoots: readonly StateRoot[],
  late: readonly StateRoot[] = [],
): Promise<number | undefined> {
  const lease = database.queries.insertInto('room_lease').values({ room_nid: roomNid, token: TOKEN })
  await lease.onConflict((conflict) => conflict.doNothing()).execute()
  const quietly = <Result>(work: (roots: Iterable<StateRoot>) => Promise<Result>) => work(late)
  return (await collectDeadNodes(database.queries, { roomNid, token: TOKEN, liveRoots, quietly }))?.removed
}

async function countNodes(room: RoomNid): Promise<number> {
  const query = database.queries
    .selectFrom('state_node')
    .select(({ fn }) => fn.countAll<number>().as('nodes'))
  return (await query.where('room_nid', '=', room).executeTakeFirstOrThrow()).nodes
}

function entry(key: number, event: number): StateEntry {
  return { typeNid: 3 as TypeNid, stateKeyNid: key as StateKeyNid, eventNid: event as EventNid }
}
const many = Array.from({ length: 20_000 }, (_, n) => entry(n, n + 1))

test('what a live root reaches stays, all else of the room goes, other rooms are untouched', async () => {
  const [room, other] = [1 as RoomNid, 2 as RoomNid]
  const first = await commit(freshTrie().build(room, many))
  await commit(freshTrie().build(other, many))
  const second = await commit(
    await freshTrie().apply(
      room,
      first,
      many.slice(0, 500).map((e) => entry(e.stateKeyNid, 1)),
    ),
  )
  const third = await commit(await freshTrie().apply(room, second, [entry(19_999, 5)]))
  const inOther = await countNodes(other)

  expect(await collect(room, [first, second, third, EMPTY_ROOT])).toBe(0)
  expect(await collect(room, [first, third])).toBeGreaterThan(0)
  expect(await freshTrie().entries(room, third)).toHaveLength(20_000)
  expect(await freshTrie().diff(room, first, third)).toHaveLength(500)

  await collect(room, [third])
  expect(await countNodes(room)).toBe(
    freshTrie().build(room, await freshTrie().entries(room, third)).newNodes.length,
  )
  expect(await countNodes(other)).toBe(inOther)
  await collect(room, [])
  expect(await countNodes(room)).toBe(0)
})

test('a live root whose node is missing removes nothing', async () => {
  const room = 3 as RoomNid
  const built = freshTrie().build(room, many.slice(0, 100))
  await commit(built)
  const unstored = freshTrie().build(room, many.slice(0, 10)).root
  await expect(collect(room, [unstored])).rejects.toThrow(MissingStateNode)
  expect(await countNodes(room)).toBe(built.newNodes.length)
})

test('what comes to live while the collection goes on stays', async () => {
  const room = 4 as RoomNid
  const early = await commit(freshTrie().build(room, many.slice(0, 500)))
  const late = await commit(freshTrie().build(room, many.slice(500, 1_000)))
  await commit(freshTrie().build(room, many.slice(1_000, 3_000)))
  expect(await collect(room, [early], [late])).toBeGreaterThan(0)
  expect(await freshTrie().entries(room, early)).toHaveLength(500)
  expect(await freshTrie().entries(room, late)).toHaveLength(500)
  expect(await collect(room, [early, late])).toBe(0)
})

test('nothing goes once somebody else has the lease', async () => {
  const room = 5 as RoomNid
  const { newNodes } = freshTrie().build(room, many.slice(0, 100))
  await commit({ root: EMPTY_ROOT, newNodes })
  await database.queries
    .insertInto('room_lease')
    .values({ room_nid: room, token: TOKEN + 1 })
    .execute()
  expect(await collect(room, [])).toBeUndefined()
  expect(await countNodes(room)).toBe(newNodes.length)
})
