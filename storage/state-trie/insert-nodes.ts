import type { Statement } from '../position/stream-write.ts'
import { rootToBytes } from './state-root.ts'
import type { TrieNode } from './trie-node.ts'

/**
 * Stores new nodes, for the batch that commits the events whose states they are. A node that is already there is
 * the same node. Nodes are sorted, so that two batches never wait for each other in a circle.
 */
export function insertNodesStatement(nodes: readonly TrieNode[]): Statement {
  const sorted = nodes.toSorted((a, b) => a.roomNid - b.roomNid || (a.hash < b.hash ? -1 : 1))
  return {
    name: 'state-node-insert',
    text: `INSERT INTO state_node (room_nid, hash, body)
           SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])
           ON CONFLICT DO NOTHING`,
    values: [
      sorted.map(({ roomNid }) => roomNid),
      sorted.map(({ hash }) => rootToBytes(hash)),
      sorted.map(({ body }) => body),
    ],
  }
}
