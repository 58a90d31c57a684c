import type { Pool } from 'pg'
import type { RoomNid } from '../numeric-ids.ts'
import { rootFromBytes, rootToBytes, type NodeHash } from './state-root.ts'

/** Where committed nodes are read. */
export interface NodeStore {
  /** The bodies of those of `hashes` that are stored, in one query. */
  readNodes(roomNid: RoomNid, hashes: readonly NodeHash[]): Promise<Map<NodeHash, Buffer>>
}

interface NodeRow {
  hash: Buffer
  body: Buffer
}

/** The nodes in PostgreSQL's table `state_node`. */
export function postgresNodeStore(pool: Pick<Pool, 'query'>): NodeStore {
  return {
    async readNodes(roomNid, hashes) {
      const { rows } = await pool.query<NodeRow>({
        name: 'state-node-read',
        text: 'SELECT hash, body FROM state_node WHERE room_nid = $1 AND hash = ANY($2::bytea[])',
        values: [roomNid, hashes.map(rootToBytes)],
      })
      return new Map(rows.map(({ hash, body }) => [rootFromBytes(hash), body]))
    },
  }
}
