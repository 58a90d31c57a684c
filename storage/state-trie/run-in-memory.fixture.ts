import type { NodeHash } from './state-root.ts'
import type { NodeContent } from './trie-node.ts'
import type { Walk } from './walk.ts'

/** Runs a walk over nodes that are all at hand. Returns its result and which nodes it asked for. */
export function runInMemory<Result>(
  walk: Walk<Result>,
  nodes: ReadonlyMap<NodeHash, NodeContent>,
): { result: Result; read: Set<NodeHash> } {
  const read = new Set<NodeHash>()
  let step = walk.next()
  while (!step.done) {
    for (const hash of step.value) read.add(hash)
    step = walk.next(nodes)
  }
  return { result: step.value, read }
}
