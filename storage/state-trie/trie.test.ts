import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EventNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import { applyChanges, type MadeState } from './apply-changes.ts'
import { buildTrie } from './build-trie.ts'
import { difference, differences } from './difference.ts'
import { listEntries } from './list-entries.ts'
import { lookUp } from './look-up.ts'
import { decodeNode, encodeNode } from './node-encoding.ts'
import { runInMemory } from './run-in-memory.fixture.ts'
import { EMPTY_ROOT, type NodeHash, type StateRoot } from './state-root.ts'
import { TrieHasher } from './trie-hasher.ts'
import { tupleKey, type NodeContent, type StateChange, type StateEntry } from './trie-node.ts'
import { MissingStateNode } from './walk.ts'

const hasher = new TrieHasher(Buffer.alloc(32, 7))

/** Few enough tuples that deletions hit, enough that leaves split and branches collapse. */
const tuple = fc.record({
  typeNid: fc.integer({ min: 1, max: 2 }).map((n) => n as TypeNid),
  stateKeyNid: fc.integer({ min: 1, max: 70 }).map((n) => n as StateKeyNid),
})
const eventNid = fc.integer({ min: 1, max: 2 ** 40 }).map((n) => n as EventNid)
const entry: fc.Arbitrary<StateEntry> = fc.tuple(tuple, eventNid).map(([t, e]) => ({ ...t, eventNid: e }))
const change: fc.Arbitrary<StateChange> = fc
  .tuple(tuple, fc.option(eventNid, { nil: undefined, freq: 2 }))
  .map(([t, e]) => ({ ...t, eventNid: e }))
const state = fc.uniqueArray(entry, { selector: tupleKey, maxLength: 140, size: 'max' })
const changes = fc.array(change, { maxLength: 120, size: 'max' })

class MemoryTrie {
  readonly nodes = new Map<NodeHash, NodeContent>()

  add({ root, newNodes }: MadeState): StateRoot {
    for (const { hash, body } of newNodes) this.nodes.set(hash, decodeNode(body))
    return root
  }

  build(entries: Iterable<StateEntry>): StateRoot {
    return this.add(buildTrie(hasher, entries))
  }

  apply(root: StateRoot, list: readonly StateChange[]): StateRoot {
    return this.add(runInMemory(applyChanges(hasher, root, list), this.nodes).result)
  }

  entries(root: StateRoot): Map<string, StateEntry> {
    const { result } = runInMemory(listEntries(root), this.nodes)
    expect(new Set(result.map(tupleKey)).size).toBe(result.length)
    return new Map(result.map((e) => [tupleKey(e), e]))
  }
}

function model(entries: readonly StateEntry[], list: readonly StateChange[]): Map<string, StateEntry> {
  const after = new Map(entries.map((e) => [tupleKey(e), e]))
  for (const { eventNid: event, ...where } of list) {
    if (event === undefined) after.delete(tupleKey(where))
    else after.set(tupleKey(where), { ...where, eventNid: event })
  }
  return after
}

describe('the trie', () => {
  test('applying changes gives the very root that building the result gives', () => {
    fc.assert(
      fc.property(state, changes, (entries, list) => {
        const trie = new MemoryTrie()
        const after = model(entries, list)
        const root = trie.apply(trie.build(entries), list)
        expect(root).toBe(new MemoryTrie().build(after.values()))
        expect(trie.entries(root)).toEqual(after)
      }),
    )
  })

  test('the order of changes, and how they are grouped, do not show', () => {
    fc.assert(
      fc.property(state, fc.array(changes, { maxLength: 6 }), fc.gen(), (entries, groups, gen) => {
        const trie = new MemoryTrie()
        const grouped = groups.reduce((root, group) => trie.apply(root, group), trie.build(entries))
        const after = model(entries, groups.flat())
        const shuffled = gen(fc.shuffledSubarray, [...after.values()], { minLength: after.size })
        expect(shuffled.reduce((root, e) => trie.apply(root, [e]), EMPTY_ROOT)).toBe(grouped)
      }),
      { numRuns: 40 },
    )
  })

  test('removing everything leaves the empty root', () => {
    fc.assert(
      fc.property(state, (entries) => {
        const trie = new MemoryTrie()
        const gone = entries.map((e) => ({ ...e, eventNid: undefined }))
        expect(trie.apply(trie.build(entries), gone)).toBe(EMPTY_ROOT)
      }),
    )
  })

  test('the difference is what a comparison of all entries finds', () => {
    fc.assert(
      fc.property(state, changes, state, fc.boolean(), (entries, list, other, related) => {
        const trie = new MemoryTrie()
        const rootA = trie.build(entries)
        const rootB = related ? trie.apply(rootA, list) : trie.build(other)
        const [a, b] = [trie.entries(rootA), trie.entries(rootB)]
        const keys = [...new Set([...a.keys(), ...b.keys()])]
        const naive = keys.filter((key) => a.get(key)?.eventNid !== b.get(key)?.eventNid)
        const { result } = runInMemory(difference(hasher, rootA, rootB), trie.nodes)
        expect(result.map(tupleKey).sort()).toEqual(naive.sort())
        for (const d of result) {
          expect([d.a, d.b]).toEqual([a.get(tupleKey(d))?.eventNid, b.get(tupleKey(d))?.eventNid])
        }
      }),
    )
  })

  test('the differences of several states are what a comparison of all entries finds', () => {
    fc.assert(
      fc.property(
        state,
        fc.array(changes, { maxLength: 5 }),
        fc.array(state, { maxLength: 2 }),
        (entries, lists, others) => {
          const trie = new MemoryTrie()
          const base = trie.build(entries)
          const related = lists.map((list) => trie.apply(base, list))
          const roots = [base, ...related, ...others.map((other) => trie.build(other))]
          const states = roots.map((root) => trie.entries(root))
          const columns = new Map<string, (EventNid | undefined)[]>()
          for (const key of new Set(states.flatMap((entriesOf) => [...entriesOf.keys()]))) {
            const events = states.map((entriesOf) => entriesOf.get(key)?.eventNid)
            if (new Set(events).size > 1) columns.set(key, events)
          }
          const { result } = runInMemory(differences(hasher, roots), trie.nodes)
          expect(new Map(result.map((column) => [tupleKey(column), column.events]))).toEqual(columns)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('of 50 states of 10,000 places that differ in one each, nothing is read that they share', () => {
    const trie = new MemoryTrie()
    const base = trie.build(Array.from({ length: 10_000 }, (_, n) => e(1, n, n)))
    const roots = Array.from({ length: 50 }, (_, n) => trie.apply(base, [e(1, n * 200, 100_000 + n)]))
    const { result, read } = runInMemory(differences(hasher, roots), trie.nodes)
    expect(result).toHaveLength(50)
    // Each state has a path of its own of three or four nodes, and beside each path the others share one.
    const whole = runInMemory(listEntries(base), trie.nodes).read.size
    const own =
      new Set(roots.flatMap((root) => [...runInMemory(listEntries(root), trie.nodes).read])).size - whole
    expect(read.size).toBeLessThan(own + 50 * 4)
    expect(own).toBeLessThan(50 * 5)
  })

  test('looking up many tuples finds each or nothing', () => {
    fc.assert(
      fc.property(state, fc.array(tuple), (entries, wanted) => {
        const trie = new MemoryTrie()
        const root = trie.build(entries)
        const { result } = runInMemory(lookUp(hasher, root, wanted), trie.nodes)
        const all = model(entries, [])
        expect(result).toEqual(wanted.map((t) => all.get(tupleKey(t))?.eventNid))
      }),
    )
  })

  test('a changed state shares every node that it does not have to write', () => {
    const trie = new MemoryTrie()
    const entries = Array.from({ length: 5000 }, (_, n) => e(1, n, n))
    const root = trie.build(entries)
    const { newNodes } = runInMemory(applyChanges(hasher, root, [e(1, 77, 9999)]), trie.nodes).result
    expect(newNodes.length).toBeLessThanOrEqual(4)
    const same = runInMemory(applyChanges(hasher, root, [e(1, 77, 77)]), trie.nodes).result
    expect(same).toEqual({ root, newNodes: [] })
    const changed = trie.apply(root, [e(1, 77, 9999)])
    const { read } = runInMemory(difference(hasher, root, changed), trie.nodes)
    expect(read.size).toBeLessThanOrEqual(8)
  })

  test('nodes survive their encoding; damage is noticed', () => {
    fc.assert(
      fc.property(state, (entries) => {
        for (const { body, content } of buildTrie(hasher, entries).newNodes) {
          expect(decodeNode(body)).toEqual(content)
          expect(encodeNode(decodeNode(body))).toEqual(body)
          expect(() => decodeNode(body.subarray(0, -1))).toThrow(RangeError)
          expect(() => decodeNode(Buffer.concat([body, Buffer.of(0)]))).toThrow(RangeError)
        }
      }),
    )
  })

  test('another secret gives other roots and other shapes', () => {
    const entries = Array.from({ length: 100 }, (_, n) => e(1, n, n))
    const other = buildTrie(new TrieHasher(Buffer.alloc(32, 8)), entries)
    expect(other.root).not.toBe(buildTrie(hasher, entries).root)
  })

  test('a missing node is an error, not an empty state', () => {
    const { root } = buildTrie(hasher, [e(1, 1, 1)])
    expect(() => runInMemory(listEntries(root), new Map())).toThrow(MissingStateNode)
  })
})

function e(typeNid: number, stateKeyNid: number, event: number): StateEntry {
  return {
    typeNid: typeNid as TypeNid,
    stateKeyNid: stateKeyNid as StateKeyNid,
    eventNid: event as EventNid,
  }
}
