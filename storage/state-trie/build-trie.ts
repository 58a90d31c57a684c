import type { MadeState } from './apply-changes.ts'
import { NodeMaker } from './node-maker.ts'
import type { TrieHasher } from './trie-hasher.ts'
import { tupleKey, type StateEntry } from './trie-node.ts'

/** The state that holds exactly `entries`, and all its nodes; of several entries for one tuple the last holds. */
export function buildTrie(hasher: TrieHasher, entries: Iterable<StateEntry>): MadeState {
  const last = new Map<string, StateEntry>()
  for (const entry of entries) last.set(tupleKey(entry), entry)
  const maker = new NodeMaker(hasher, new Set())
  return { root: maker.subtree([...last.values()], 0), newNodes: maker.made }
}
