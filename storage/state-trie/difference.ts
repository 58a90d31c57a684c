import type { EventNid } from '../numeric-ids.ts'
import { byDigit } from './node-maker.ts'
import { EMPTY_ROOT, type NodeHash, type StateRoot } from './state-root.ts'
import type { TrieHasher } from './trie-hasher.ts'
import { FAN_OUT, tupleKey, type NodeContent, type StateEntry, type StateTupleNids } from './trie-node.ts'
import { nodeOf, type Walk } from './walk.ts'

/** A tuple whose event differs between two states; a side without the tuple is undefined. */
export interface StateDifference extends StateTupleNids {
  readonly a: EventNid | undefined
  readonly b: EventNid | undefined
}

/** One state's part of a subtree: a node still to be read, or entries of a leaf that stands higher up. */
type Side = NodeHash | readonly StateEntry[]

interface Pair {
  readonly a: Side
  readonly b: Side
}

const NOTHING: readonly StateEntry[] = []

/** The tuples in which two states differ, in no particular order. Equal subtrees are not read. */
export function* difference(hasher: TrieHasher, rootA: StateRoot, rootB: StateRoot): Walk<StateDifference[]> {
  const differences: StateDifference[] = []
  const sideOf = (root: StateRoot): Side => (root === EMPTY_ROOT ? NOTHING : root)
  let level: Pair[] = rootA === rootB ? [] : [{ a: sideOf(rootA), b: sideOf(rootB) }]
  for (let depth = 0; level.length > 0; depth++) {
    const nodes = yield level.flatMap(({ a, b }) => [a, b]).filter((side) => typeof side === 'string')
    const next: Pair[] = []
    for (const pair of level) {
      const a = read(pair.a, nodes)
      const b = read(pair.b, nodes)
      if (a.kind === 'leaf' && b.kind === 'leaf') compareEntries(a.entries, b.entries, differences)
      else next.push(...pairChildren(split(hasher, a, depth), split(hasher, b, depth)))
    }
    level = next
  }
  return differences
}

function read(side: Side, nodes: ReadonlyMap<NodeHash, NodeContent>): NodeContent {
  return typeof side === 'string' ? nodeOf(nodes, side) : { kind: 'leaf', entries: side }
}

/** The parts of a node one level further down, by digit. */
function split(hasher: TrieHasher, node: NodeContent, depth: number): readonly Side[] {
  if (node.kind === 'branch') return node.children.map((child) => child ?? NOTHING)
  const placed = node.entries.map((item) => ({ item, path: hasher.pathOf(item) }))
  const groups = byDigit(placed, depth)
  return Array.from({ length: FAN_OUT }, (_, digit) => groups.get(digit)?.map(({ item }) => item) ?? NOTHING)
}

function* pairChildren(sidesA: readonly Side[], sidesB: readonly Side[]): Generator<Pair> {
  for (const [digit, a] of sidesA.entries()) {
    const b = sidesB[digit] ?? NOTHING
    if (a !== b) yield { a, b }
  }
}

function compareEntries(
  entriesA: readonly StateEntry[],
  entriesB: readonly StateEntry[],
  differences: StateDifference[],
): void {
  const rest = new Map(entriesB.map((entry) => [tupleKey(entry), entry]))
  for (const { typeNid, stateKeyNid, eventNid: a } of entriesA) {
    const key = tupleKey({ typeNid, stateKeyNid })
    const b = rest.get(key)?.eventNid
    rest.delete(key)
    if (a !== b) differences.push({ typeNid, stateKeyNid, a, b })
  }
  for (const { typeNid, stateKeyNid, eventNid: b } of rest.values()) {
    differences.push({ typeNid, stateKeyNid, a: undefined, b })
  }
}
