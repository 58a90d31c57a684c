import type { NodeHash } from './state-root.ts'
import type { MadeNode, NodeContent } from './trie-node.ts'

/** Holds staged nodes. Call one of the two, once; later calls do nothing. */
export interface StagedNodes {
  /** The nodes are stored: they move to the cache. */
  committed(): void
  /** Their batch failed: they are forgotten. */
  discarded(): void
}

interface Held {
  readonly content: NodeContent
  holders: number
}

/** Nodes that wait for their commit. Two states may wait for the same node, so holders are counted. */
export class NodeOverlay {
  readonly #held = new Map<NodeHash, Held>()

  get(hash: NodeHash): NodeContent | undefined {
    return this.#held.get(hash)?.content
  }

  /** Makes `nodes` visible until they are released; `onCommit` receives each when they are stored. */
  stage(nodes: readonly MadeNode[], onCommit: (hash: NodeHash, content: NodeContent) => void): StagedNodes {
    for (const { hash, content } of nodes) {
      const held = this.#held.get(hash)
      if (held) held.holders++
      else this.#held.set(hash, { content, holders: 1 })
    }
    let waiting: readonly MadeNode[] = nodes
    const release = (): readonly MadeNode[] => {
      const released = waiting
      waiting = []
      for (const { hash } of released) {
        const held = this.#held.get(hash)
        if (held && --held.holders === 0) this.#held.delete(hash)
      }
      return released
    }
    return {
      committed: () => release().forEach(({ hash, content }) => onCommit(hash, content)),
      discarded: () => void release(),
    }
  }
}
