import type { EventNid } from '../numeric-ids.ts'
import { byDigit } from './node-maker.ts'
import { EMPTY_ROOT, type NodeHash, type StateRoot } from './state-root.ts'
import type { TrieHasher } from './trie-hasher.ts'
import { FAN_OUT, tupleKey, type NodeContent, type StateEntry, type StateTupleNids } from './trie-node.ts'
import { nodeOf, PAUSE, type Walk } from './walk.ts'

/** A tuple whose event differs between two states; a side without the tuple is undefined. */
export interface StateDifference extends StateTupleNids {
  readonly a: EventNid | undefined
  readonly b: EventNid | undefined
}

/** A tuple whose event is not the same in several states, with what each has there; undefined where it has none. */
export interface StateColumn extends StateTupleNids {
  readonly events: readonly (EventNid | undefined)[]
}

/** One state's part of a subtree: a node still to be read, or entries of a leaf that stands higher up. */
type Side = NodeHash | readonly StateEntry[]

const NOTHING: readonly StateEntry[] = []

/** Subtrees that are compared before others have their turn: about a millisecond. */
const SUBTREES_AT_A_TIME = 32

/** The tuples in which two states differ, in no particular order. Equal subtrees are not read. */
export function* difference(hasher: TrieHasher, rootA: StateRoot, rootB: StateRoot): Walk<StateDifference[]> {
  const columns = yield* differences(hasher, [rootA, rootB])
  return columns.map(({ typeNid, stateKeyNid, events: [a, b] }) => ({ typeNid, stateKeyNid, a, b }))
}

/**
 * The tuples in which not all of several states agree, in no particular order. Subtrees that are equal in all of them are
 * not read, and one that some of them share is read once.
 */
export function* differences(hasher: TrieHasher, roots: readonly StateRoot[]): Walk<StateColumn[]> {
  const columns: StateColumn[] = []
  const top = roots.map((root): Side => (root === EMPTY_ROOT ? NOTHING : root))
  let level: (readonly Side[])[] = differ(top) ? [top] : []
  for (let depth = 0; level.length > 0; depth++) {
    const nodes = yield [...new Set(level.flat().filter((side) => typeof side === 'string'))]
    const next: (readonly Side[])[] = []
    for (const [index, sides] of level.entries()) {
      if (index % SUBTREES_AT_A_TIME === SUBTREES_AT_A_TIME - 1) yield PAUSE
      const contents = new Map(Array.from(new Set(sides), (side) => [side, read(side, nodes)] as const))
      const leaves = new Map<Side, readonly StateEntry[]>()
      for (const [side, node] of contents) if (node.kind === 'leaf') leaves.set(side, node.entries)
      if (leaves.size === contents.size) compareEntries(sides, leaves, columns)
      else {
        const parts = new Map(Array.from(contents, ([side, node]) => [side, split(hasher, node, depth)]))
        for (let digit = 0; digit < FAN_OUT; digit++) {
          const children = sides.map((side) => parts.get(side)?.[digit] ?? NOTHING)
          if (differ(children)) next.push(children)
        }
      }
    }
    level = next
  }
  return columns
}

function differ(sides: readonly unknown[]): boolean {
  return sides.some((side) => side !== sides[0])
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

function compareEntries(
  sides: readonly Side[],
  leaves: ReadonlyMap<Side, readonly StateEntry[]>,
  columns: StateColumn[],
): void {
  const tuples = new Map<string, StateTupleNids>()
  const eventsOf = new Map<Side, ReadonlyMap<string, EventNid>>()
  for (const [side, entries] of leaves) {
    const events = new Map<string, EventNid>()
    for (const { typeNid, stateKeyNid, eventNid } of entries) {
      const key = tupleKey({ typeNid, stateKeyNid })
      tuples.set(key, { typeNid, stateKeyNid })
      events.set(key, eventNid)
    }
    eventsOf.set(side, events)
  }
  const distinct = [...eventsOf.values()]
  for (const [key, tuple] of tuples) {
    if (!differ(distinct.map((events) => events.get(key)))) continue
    columns.push({ ...tuple, events: sides.map((side) => eventsOf.get(side)?.get(key)) })
  }
}
