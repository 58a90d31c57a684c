import { setImmediate as nextTurn } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import { applyChanges, type MadeState } from './apply-changes.ts'
import { buildTrie, buildTrieInTurns } from './build-trie.ts'
import { difference, differences, type StateColumn, type StateDifference } from './difference.ts'
import { listEntries } from './list-entries.ts'
import { lookUp } from './look-up.ts'
import { decodeNode } from './node-encoding.ts'
import { NodeOverlay, type StagedNodes } from './node-overlay.ts'
import type { NodeStore } from './node-store.ts'
import type { NodeHash, StateRoot } from './state-root.ts'
import { TrieHasher } from './trie-hasher.ts'
import type { NodeContent, StateChange, StateEntry, StateTupleNids, TrieNode } from './trie-node.ts'
import { PAUSE, type Walk } from './walk.ts'

/** About 55,000 nodes: the paths that some hundreds of busy rooms change. */
const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024
/** One statement's array of hashes stays below a quarter of a megabyte. */
const HASHES_PER_QUERY = 10_000
/**
 * Measured in V8: a decoded leaf of 12 entries takes 823 bytes, a full branch 1,003. The cache's own entry, with
 * its key, comes on top of a node.
 */
const ENTRY_HEAP_BYTES = 56
const CHILD_HEAP_BYTES = 56
const NODE_HEAP_BYTES = 300

/** A new state, and the nodes to store before the state may be named by a stored row. */
export interface AppliedChanges {
  readonly root: StateRoot
  readonly newNodes: readonly TrieNode[]
}

/**
 * The states of all rooms (DESIGN §3.3): immutable, and named by roots. Nodes come from the overlay of those that
 * wait for their commit, from a cache that all rooms share, or from the store with one query a level.
 *
 * The caller passes only roots that are live: named by a stored event, or staged and not discarded.
 */
export class StateTrie {
  readonly #store: NodeStore
  readonly #hasher: TrieHasher
  readonly #overlay = new NodeOverlay()
  readonly #cache: LRUCache<NodeHash, NodeContent>

  /** @param options.secret what {@link loadTrieSecret} gave; @param options.cacheBytes heap for committed nodes. */
  constructor(options: { store: NodeStore; secret: Uint8Array; cacheBytes?: number }) {
    this.#store = options.store
    this.#hasher = new TrieHasher(options.secret)
    this.#cache = new LRUCache({
      maxSize: options.cacheBytes ?? DEFAULT_CACHE_BYTES,
      sizeCalculation: heapBytes,
    })
  }

  /** The event of one tuple, or undefined where the state has none. */
  async get(
    roomNid: RoomNid,
    root: StateRoot,
    typeNid: TypeNid,
    stateKeyNid: StateKeyNid,
  ): Promise<EventNid | undefined> {
    const [eventNid] = await this.getMany(roomNid, root, [{ typeNid, stateKeyNid }])
    return eventNid
  }

  /** The events of `tuples`, in their order; undefined where the state has none. */
  getMany(
    roomNid: RoomNid,
    root: StateRoot,
    tuples: readonly StateTupleNids[],
  ): Promise<(EventNid | undefined)[]> {
    return this.#run(roomNid, lookUp(this.#hasher, root, tuples))
  }

  /** Every entry of a state, in no particular order. */
  entries(roomNid: RoomNid, root: StateRoot): Promise<StateEntry[]> {
    return this.#run(roomNid, listEntries(root))
  }

  /** The state of `root` with `changes` in it. Stores nothing: stage the new nodes, and commit them with the event. */
  async apply(roomNid: RoomNid, root: StateRoot, changes: readonly StateChange[]): Promise<AppliedChanges> {
    return inRoom(roomNid, await this.#run(roomNid, applyChanges(this.#hasher, root, changes)))
  }

  /** The state that holds exactly `entries`, with all its nodes. Stores nothing. */
  build(roomNid: RoomNid, entries: Iterable<StateEntry>): AppliedChanges {
    return inRoom(roomNid, buildTrie(this.#hasher, entries))
  }

  /** The same for a large state, beside what else there is to do. */
  async buildInTurns(roomNid: RoomNid, entries: Iterable<StateEntry>): Promise<AppliedChanges> {
    return inRoom(roomNid, await buildTrieInTurns(this.#hasher, entries))
  }

  /** The tuples in which two states of a room differ. Equal subtrees are not read. */
  diff(roomNid: RoomNid, rootA: StateRoot, rootB: StateRoot): Promise<StateDifference[]> {
    return this.#run(roomNid, difference(this.#hasher, rootA, rootB))
  }

  /** The tuples in which not all of several states of a room agree. What they have in common is not read. */
  differences(roomNid: RoomNid, roots: readonly StateRoot[]): Promise<StateColumn[]> {
    return this.#run(roomNid, differences(this.#hasher, roots))
  }

  /** Makes nodes readable that are not stored yet, so that states can be built on top of them. */
  stage(newNodes: readonly TrieNode[]): StagedNodes {
    return this.#overlay.stage(newNodes, (hash, content) => this.#cache.set(hash, content))
  }

  async #run<Result>(roomNid: RoomNid, walk: Walk<Result>): Promise<Result> {
    let step = walk.next()
    while (!step.done) {
      if (step.value === PAUSE) await nextTurn()
      step = walk.next(await this.#load(roomNid, step.value))
    }
    return step.value
  }

  async #load(roomNid: RoomNid, hashes: readonly NodeHash[]): Promise<Map<NodeHash, NodeContent>> {
    const nodes = new Map<NodeHash, NodeContent>()
    const absent: NodeHash[] = []
    for (const hash of hashes) {
      const content = this.#overlay.get(hash) ?? this.#cache.get(hash)
      if (content) nodes.set(hash, content)
      else absent.push(hash)
    }
    for (let from = 0; from < absent.length; from += HASHES_PER_QUERY) {
      const bodies = await this.#store.readNodes(roomNid, absent.slice(from, from + HASHES_PER_QUERY))
      for (const [hash, body] of bodies) {
        const content = decodeNode(body)
        nodes.set(hash, content)
        this.#cache.set(hash, content)
      }
    }
    return nodes
  }
}

function inRoom(roomNid: RoomNid, { root, newNodes }: MadeState): AppliedChanges {
  return { root, newNodes: newNodes.map((node) => ({ ...node, roomNid })) }
}

function heapBytes(content: NodeContent): number {
  if (content.kind === 'leaf') return NODE_HEAP_BYTES + content.entries.length * ENTRY_HEAP_BYTES
  return NODE_HEAP_BYTES + content.children.filter((child) => child !== undefined).length * CHILD_HEAP_BYTES
}
