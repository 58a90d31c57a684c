import { expect, test } from 'vitest'
import type { EventNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import { applyChanges } from './apply-changes.ts'
import { buildTrie } from './build-trie.ts'
import { runInMemory } from './run-in-memory.fixture.ts'
import { TrieHasher } from './trie-hasher.ts'
import type { NodeHash } from './state-root.ts'
import type { NodeContent } from './trie-node.ts'

const MEMBERS = 50_000
const CHANGES = 300
/** A kilobyte; the design's model says 0.8 kB. */
const MOST_BYTES_PER_CHANGE = 1024

test('a change in a room of 50,000 members writes under a kilobyte', () => {
  const hasher = new TrieHasher(Buffer.alloc(32, 1))
  const member = (
    key: number,
    event: number,
  ): { typeNid: TypeNid; stateKeyNid: StateKeyNid; eventNid: EventNid } => ({
    typeNid: 4 as TypeNid,
    stateKeyNid: (1_000_000 + key) as StateKeyNid,
    eventNid: (10_000_000 + event) as EventNid,
  })
  const built = buildTrie(
    hasher,
    Array.from({ length: MEMBERS }, (_, n) => member(n, n)),
  )
  const nodes = new Map<NodeHash, NodeContent>(built.newNodes.map(({ hash, content }) => [hash, content]))
  let { root } = built
  let bytes = 0
  for (let n = 0; n < CHANGES; n++) {
    const change = member((n * 7919) % MEMBERS, MEMBERS + n)
    const applied = runInMemory(applyChanges(hasher, root, [change]), nodes).result
    root = applied.root
    for (const { hash, body, content } of applied.newNodes) {
      bytes += body.length
      nodes.set(hash, content)
    }
  }
  const total = built.newNodes.reduce((sum, { body }) => sum + body.length, 0)
  process.stdout.write(
    `state trie, ${MEMBERS} members: ${Math.round(bytes / CHANGES)} bytes a change, ${total} bytes in ` +
      `${built.newNodes.length} nodes in all\n`,
  )
  expect(bytes / CHANGES).toBeLessThan(MOST_BYTES_PER_CHANGE)
})
