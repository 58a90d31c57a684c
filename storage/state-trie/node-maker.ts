import { encodeNode } from './node-encoding.ts'
import { EMPTY_ROOT, type NodeHash, type StateRoot } from './state-root.ts'
import { pathDigit, PATH_DIGITS, type TrieHasher, type TriePath } from './trie-hasher.ts'
import {
  compareTuples,
  FAN_OUT,
  LEAF_MAX,
  type NodeContent,
  type StateEntry,
  type MadeNode,
} from './trie-node.ts'

/** Something with its path in the trie. */
export interface Placed<Item> {
  readonly item: Item
  readonly path: TriePath
}

/** Items by the digit of their path at `depth`. */
export function byDigit<Item>(items: readonly Placed<Item>[], depth: number): Map<number, Placed<Item>[]> {
  return Map.groupBy(items, ({ path }) => pathDigit(path, depth))
}

/** Makes nodes and gathers those that were not known before. */
export class NodeMaker {
  readonly #hasher: TrieHasher
  readonly #known: ReadonlySet<NodeHash>
  readonly #made = new Map<NodeHash, MadeNode>()

  /** @param known nodes that need not be written, because the state that is being changed has them. */
  constructor(hasher: TrieHasher, known: ReadonlySet<NodeHash>) {
    this.#hasher = hasher
    this.#known = known
  }

  /** The new nodes, each once. */
  get made(): MadeNode[] {
    return [...this.#made.values()]
  }

  /** The hash of a node, which is remembered when it is new. */
  make(content: NodeContent): NodeHash {
    const body = encodeNode(content)
    const hash = this.#hasher.hashOf(body)
    if (!this.#known.has(hash)) this.#made.set(hash, { hash, body, content })
    return hash
  }

  /** The subtree at `depth` that holds `entries`, or the empty root when there are none. */
  subtree(entries: readonly StateEntry[], depth: number): StateRoot {
    if (entries.length === 0) return EMPTY_ROOT
    if (entries.length <= LEAF_MAX) return this.#leaf(entries)
    return this.split(
      entries.map((item) => ({ item, path: this.#hasher.pathOf(item) })),
      depth,
    )
  }

  /** The same for entries whose places are known; there are some. */
  split(entries: readonly Placed<StateEntry>[], depth: number): NodeHash {
    if (entries.length <= LEAF_MAX || depth === PATH_DIGITS)
      return this.#leaf(entries.map(({ item }) => item))
    const children = new Map<number, NodeHash>()
    for (const [digit, group] of byDigit(entries, depth)) children.set(digit, this.split(group, depth + 1))
    return this.branch(entries.length, children)
  }

  /** A branch over so many entries in all, by digits. */
  branch(count: number, children: ReadonlyMap<number, NodeHash>): NodeHash {
    const places = Array.from({ length: FAN_OUT }, (_, digit) => children.get(digit))
    return this.make({ kind: 'branch', count, children: places })
  }

  #leaf(entries: readonly StateEntry[]): NodeHash {
    return this.make({ kind: 'leaf', entries: entries.toSorted(compareTuples) })
  }
}
