import type { EventNid } from '../numeric-ids.ts'
import { EMPTY_ROOT, type NodeHash, type StateRoot } from './state-root.ts'
import { pathDigit, type TrieHasher, type TriePath } from './trie-hasher.ts'
import type { StateTupleNids } from './trie-node.ts'
import { nodeOf, type Walk } from './walk.ts'

interface Seeker {
  readonly index: number
  readonly tuple: StateTupleNids
  readonly path: TriePath
  hash: NodeHash
}

/** The events of `tuples` in the state of `root`, in the order asked; undefined where the state has none. */
export function* lookUp(
  hasher: TrieHasher,
  root: StateRoot,
  tuples: readonly StateTupleNids[],
): Walk<(EventNid | undefined)[]> {
  const found = new Array<EventNid | undefined>(tuples.length).fill(undefined)
  if (root === EMPTY_ROOT) return found
  let level = tuples.map((tuple, index): Seeker => ({ index, tuple, path: hasher.pathOf(tuple), hash: root }))
  for (let depth = 0; level.length > 0; depth++) {
    const nodes = yield [...new Set(level.map((seeker) => seeker.hash))]
    level = level.filter((seeker) => {
      const { index, tuple, path } = seeker
      const node = nodeOf(nodes, seeker.hash)
      if (node.kind === 'leaf') {
        const entry = node.entries.find(
          ({ typeNid, stateKeyNid }) => typeNid === tuple.typeNid && stateKeyNid === tuple.stateKeyNid,
        )
        found[index] = entry?.eventNid
        return false
      }
      const child = node.children[pathDigit(path, depth)]
      if (child === undefined) return false
      seeker.hash = child
      return true
    })
  }
  return found
}
