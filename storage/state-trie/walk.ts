import type { NodeHash } from './state-root.ts'
import type { NodeContent } from './trie-node.ts'

/**
 * An algorithm over the trie, free of I/O: it yields the hashes of the nodes it must see next, a level at a time,
 * and is resumed with a map that holds at least those. The stored trie answers with one query a level, tests from
 * memory. Where it yields {@link PAUSE} it has worked for a while, and others may have their turn.
 */
export type Walk<Result> = Generator<readonly NodeHash[], Result, ReadonlyMap<NodeHash, NodeContent>>

/** Asks for nothing. */
export const PAUSE: readonly NodeHash[] = []

/** A node that a state refers to is neither stored nor staged: the database is damaged, or the root was dropped. */
export class MissingStateNode extends Error {
  override readonly name = 'MissingStateNode'
  constructor(hash: NodeHash) {
    super(`state node ${hash} is missing`)
  }
}

/** The node of `hash` among those a walk was given. */
export function nodeOf(nodes: ReadonlyMap<NodeHash, NodeContent>, hash: NodeHash): NodeContent {
  const node = nodes.get(hash)
  if (!node) throw new MissingStateNode(hash)
  return node
}
