import { setImmediate as nextTurn } from 'node:timers/promises'
import type { MadeState } from './apply-changes.ts'
import { byDigit, NodeMaker, type Placed } from './node-maker.ts'
import type { NodeHash } from './state-root.ts'
import type { TrieHasher } from './trie-hasher.ts'
import { tupleKey, type StateEntry } from './trie-node.ts'

/** Finding their places takes some 10 ms. */
const ENTRIES_PER_TURN = 2_000

/** The state that holds exactly `entries`, and all its nodes; of several entries for one tuple the last holds. */
export function buildTrie(hasher: TrieHasher, entries: Iterable<StateEntry>): MadeState {
  const maker = new NodeMaker(hasher, new Set())
  return { root: maker.subtree(lastOfEach(entries), 0), newNodes: maker.made }
}

/** The same for a large state, beside what else there is to do. */
export async function buildTrieInTurns(
  hasher: TrieHasher,
  entries: Iterable<StateEntry>,
): Promise<MadeState> {
  const maker = new NodeMaker(hasher, new Set())
  const all = lastOfEach(entries)
  if (all.length <= ENTRIES_PER_TURN) return { root: maker.subtree(all, 0), newNodes: maker.made }
  const placed: Placed<StateEntry>[] = []
  for (const [index, item] of all.entries()) {
    placed.push({ item, path: hasher.pathOf(item) })
    if (index % ENTRIES_PER_TURN === ENTRIES_PER_TURN - 1) await nextTurn()
  }
  const children = new Map<number, NodeHash>()
  for (const [digit, group] of byDigit(placed, 0)) {
    children.set(digit, maker.split(group, 1))
    await nextTurn()
  }
  return { root: maker.branch(all.length, children), newNodes: maker.made }
}

function lastOfEach(entries: Iterable<StateEntry>): StateEntry[] {
  const last = new Map<string, StateEntry>()
  for (const entry of entries) last.set(tupleKey(entry), entry)
  return [...last.values()]
}
