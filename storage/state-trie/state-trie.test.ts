import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../database.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import { insertNodesStatement } from './insert-nodes.ts'
import { postgresNodeStore, type NodeStore } from './node-store.ts'
import { EMPTY_ROOT, rootFromBytes, rootToBytes } from './state-root.ts'
import { StateTrie } from './state-trie.ts'
import type { StateEntry, TrieNode } from './trie-node.ts'
import { loadTrieSecret } from './trie-secret.ts'
import { MissingStateNode } from './walk.ts'

let testDatabase: TestDatabase
let database: Database
let secret: Buffer
const room = 1 as RoomNid

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase(testDatabase.address)
  secret = await loadTrieSecret(database.queries)
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

async function commit(nodes: readonly TrieNode[]): Promise<void> {
  const { name, text, values } = insertNodesStatement(nodes)
  await database.pool.query({ name, text, values: [...values] })
}

/** A trie with an empty cache, and how many queries it has made. */
function freshTrie(): { trie: StateTrie; queries: () => number } {
  const stored = postgresNodeStore(database.pool)
  let count = 0
  const store: NodeStore = {
    readNodes: (roomNid, hashes) => {
      count++
      return stored.readNodes(roomNid, hashes)
    },
  }
  return { trie: new StateTrie({ store, secret }), queries: () => count }
}

function entry(key: number, event: number): StateEntry {
  return { typeNid: 3 as TypeNid, stateKeyNid: key as StateKeyNid, eventNid: event as EventNid }
}
const many = Array.from({ length: 3000 }, (_, n) => entry(n, n + 1))

test('the secret is made once, whoever comes first', async () => {
  const secrets = await Promise.all([1, 2, 3].map(() => loadTrieSecret(database.queries)))
  for (const again of secrets) expect(again).toEqual(secret)
  expect(secret).toHaveLength(32)
})

test('a stored state is read back with one query a level', async () => {
  const built = freshTrie().trie.build(room, many)
  await commit(built.newNodes)
  await commit(built.newNodes)

  const { trie, queries } = freshTrie()
  const root = rootFromBytes(rootToBytes(built.root))
  expect(await trie.getMany(room, root, many)).toEqual(many.map(({ eventNid }) => eventNid))
  expect(queries()).toBe(3)
  expect((await trie.entries(room, root)).length).toBe(3000)
  expect(await trie.get(room, root, 3 as TypeNid, 3000 as StateKeyNid)).toBeUndefined()
  expect(queries()).toBe(3)
})

test('a large state is built in turns as at once', async () => {
  const { trie } = freshTrie()
  for (const entries of [[], many.slice(0, 40), [...many, entry(7, 9_999)]]) {
    const byHash = (nodes: readonly TrieNode[]) => nodes.map(({ hash }) => hash).toSorted()
    const [atOnce, inTurns] = [trie.build(room, entries), await trie.buildInTurns(room, entries)]
    expect(inTurns.root).toBe(atOnce.root)
    expect(byHash(inTurns.newNodes)).toEqual(byHash(atOnce.newNodes))
  }
})

test('states are built on staged nodes before these are stored', async () => {
  const { trie, queries } = freshTrie()
  const first = await trie.apply(room, EMPTY_ROOT, many)
  const staged = trie.stage(first.newNodes)
  const second = await trie.apply(room, first.root, [entry(5, 9999)])
  const stagedSecond = trie.stage(second.newNodes)
  expect(await trie.diff(room, first.root, second.root)).toEqual([
    { typeNid: 3, stateKeyNid: 5, a: 6, b: 9999 },
  ])
  expect(queries()).toBe(0)

  await commit([...first.newNodes, ...second.newNodes])
  staged.committed()
  stagedSecond.committed()
  expect(await trie.get(room, second.root, 3 as TypeNid, 5 as StateKeyNid)).toBe(9999)
  expect(queries()).toBe(0)
  expect(await freshTrie().trie.diff(room, first.root, second.root)).toHaveLength(1)
})

test('discarded nodes are gone, unless another state still waits for them', async () => {
  const { trie } = freshTrie()
  const { root, newNodes } = trie.build(2 as RoomNid, many)
  const one = trie.stage(newNodes)
  const other = trie.stage(newNodes)
  one.discarded()
  one.discarded()
  expect(await trie.entries(2 as RoomNid, root)).toHaveLength(3000)
  other.discarded()
  await expect(trie.entries(2 as RoomNid, root)).rejects.toThrow(MissingStateNode)
})

test('a cache too small for one path still gives right answers', async () => {
  const { newNodes, root } = freshTrie().trie.build(room, many)
  await commit(newNodes)
  const trie = new StateTrie({ store: postgresNodeStore(database.pool), secret, cacheBytes: 1 })
  const changed = await trie.apply(room, root, [entry(7, 1), { ...entry(8, 1), eventNid: undefined }])
  const expected = many.filter((e) => e.stateKeyNid !== 8).map((e) => (e.stateKeyNid === 7 ? entry(7, 1) : e))
  expect(changed.root).toBe(trie.build(room, expected).root)
})
