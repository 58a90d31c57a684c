import { EMPTY_ROOT, type NodeHash, type StateRoot } from './state-root.ts'
import type { StateEntry } from './trie-node.ts'
import { nodeOf, type Walk } from './walk.ts'

/** Every entry of the state of `root`, in no particular order. */
export function* listEntries(root: StateRoot): Walk<StateEntry[]> {
  const entries: StateEntry[] = []
  let level: NodeHash[] = root === EMPTY_ROOT ? [] : [root]
  while (level.length > 0) {
    const nodes = yield level
    const next: NodeHash[] = []
    for (const hash of level) {
      const node = nodeOf(nodes, hash)
      if (node.kind === 'leaf') for (const entry of node.entries) entries.push(entry)
      else for (const child of node.children) if (child !== undefined) next.push(child)
    }
    level = next
  }
  return entries
}
