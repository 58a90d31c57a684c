import { byDigit, NodeMaker, type Placed } from './node-maker.ts'
import { EMPTY_ROOT, type NodeHash, type StateRoot } from './state-root.ts'
import type { TrieHasher } from './trie-hasher.ts'
import {
  LEAF_MAX,
  tupleKey,
  type NodeContent,
  type StateChange,
  type StateEntry,
  type MadeNode,
} from './trie-node.ts'
import { nodeOf, type Walk } from './walk.ts'

/** A new state and the nodes that it does not share with the one it was made from. */
export interface MadeState {
  readonly root: StateRoot
  readonly newNodes: readonly MadeNode[]
}

/** A node on the way to a change. An absent node counts as an empty leaf. */
interface Visit {
  readonly hash: NodeHash | undefined
  readonly depth: number
  readonly changes: readonly Placed<StateChange>[]
  content: NodeContent
  readonly touched: Map<number, Visit>
  /** Entries in the subtree once the changes are in. */
  countAfter: number
}

const EMPTY_LEAF: NodeContent = { kind: 'leaf', entries: [] }

/**
 * The state of `root` with `changes` in it; of several changes to one tuple the last holds. Nodes are read along
 * the paths of the changes, a level at a time, and once more where deletions turn a branch into a leaf.
 */
export function* applyChanges(
  hasher: TrieHasher,
  root: StateRoot,
  changes: readonly StateChange[],
): Walk<MadeState> {
  const last = new Map(changes.map((change) => [tupleKey(change), change]))
  const placed = [...last.values()].map((item) => ({ item, path: hasher.pathOf(item) }))
  const known = new Set<NodeHash>()
  const top = newVisit(root === EMPTY_ROOT ? undefined : root, 0, placed)
  yield* descend(top, known)
  count(top)
  const leaves = yield [...hashesToCollapse(top)]
  const maker = new NodeMaker(hasher, known)
  return { root: rebuild(top, maker, leaves), newNodes: maker.made }
}

function newVisit(hash: NodeHash | undefined, depth: number, changes: readonly Placed<StateChange>[]): Visit {
  return { hash, depth, changes, content: EMPTY_LEAF, touched: new Map(), countAfter: 0 }
}

function* descend(top: Visit, known: Set<NodeHash>): Walk<void> {
  for (let level = [top]; level.length > 0;) {
    const nodes = yield level.flatMap((visit) => visit.hash ?? [])
    const next: Visit[] = []
    for (const visit of level) {
      if (visit.hash === undefined) continue
      known.add(visit.hash)
      visit.content = nodeOf(nodes, visit.hash)
      if (visit.content.kind === 'leaf') continue
      for (const [digit, group] of byDigit(visit.changes, visit.depth)) {
        const child = newVisit(visit.content.children[digit], visit.depth + 1, group)
        visit.touched.set(digit, child)
        next.push(child)
      }
    }
    level = next
  }
}

function countBefore({ content }: Visit): number {
  return content.kind === 'leaf' ? content.entries.length : content.count
}

function count(visit: Visit): number {
  if (visit.content.kind === 'leaf') visit.countAfter = merged(visit.content.entries, visit.changes).length
  else {
    visit.countAfter = visit.content.count
    for (const child of visit.touched.values()) visit.countAfter += count(child) - countBefore(child)
  }
  return visit.countAfter
}

/** The untouched children of branches that become leaves. They are leaves themselves: they hold no more than the whole. */
function* hashesToCollapse(visit: Visit): Generator<NodeHash> {
  if (visit.content.kind === 'leaf') return
  if (visit.countAfter <= LEAF_MAX) {
    for (const [digit, child] of visit.content.children.entries()) {
      if (child !== undefined && !visit.touched.has(digit)) yield child
    }
  }
  for (const child of visit.touched.values()) yield* hashesToCollapse(child)
}

function rebuild(visit: Visit, maker: NodeMaker, leaves: ReadonlyMap<NodeHash, NodeContent>): StateRoot {
  const { content, depth } = visit
  if (content.kind === 'leaf' || visit.countAfter <= LEAF_MAX) {
    return maker.subtree(entriesAfter(visit, leaves), depth)
  }
  const children = [...content.children]
  for (const [digit, child] of visit.touched) {
    const hash = rebuild(child, maker, leaves)
    children[digit] = hash === EMPTY_ROOT ? undefined : hash
  }
  return maker.make({ kind: 'branch', count: visit.countAfter, children })
}

function entriesAfter(visit: Visit, leaves: ReadonlyMap<NodeHash, NodeContent>): readonly StateEntry[] {
  const { content, touched } = visit
  if (content.kind === 'leaf') return merged(content.entries, visit.changes)
  return content.children.flatMap((hash, digit) => {
    const child = touched.get(digit)
    if (child) return entriesAfter(child, leaves)
    if (hash === undefined) return []
    const leaf = nodeOf(leaves, hash)
    if (leaf.kind === 'branch') throw new RangeError('a state branch counts fewer entries than it holds')
    return leaf.entries
  })
}

function merged(
  entries: readonly StateEntry[],
  changes: readonly Placed<StateChange>[],
): readonly StateEntry[] {
  const after = new Map(entries.map((entry) => [tupleKey(entry), entry]))
  for (const { item } of changes) {
    const { eventNid } = item
    if (eventNid === undefined) after.delete(tupleKey(item))
    else after.set(tupleKey(item), { typeNid: item.typeNid, stateKeyNid: item.stateKeyNid, eventNid })
  }
  return [...after.values()]
}
