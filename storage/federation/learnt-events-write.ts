import { IDENTITY_COLUMNS, PDU_COLUMNS, type RowInRoom } from '../events/event-row-statement.ts'
import type { EventRow } from '../events/event-write.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import type { RoomLease, StreamWriteKind } from '../position/stream-write.ts'
import { insertNodesStatement } from '../state-trie/insert-nodes.ts'
import type { TrieNode } from '../state-trie/trie-node.ts'

/** Events of a room that another server told, to be stored as outliers, and the nodes of the state they make up. */
export interface LearntEventsWrite {
  readonly lease: RoomLease
  readonly roomNid: RoomNid
  readonly rows: readonly EventRow[]
  readonly stateNodes: readonly TrieNode[]
}

const insertOutliers = rowsStatement<RowInRoom>(
  'insert-learnt-events',
  `INSERT INTO event (
     room_nid, event_nid, event_id, type_nid, state_key_nid, sender_nid, origin_server_ts, depth, verdict,
     auth_height, outlier, received_ts, prev_event_ids, auth_event_ids, pdu)
   SELECT room_nid, event_nid, event_id, type_nid, state_key_nid, sender_nid, origin_server_ts, depth, verdict,
     auth_height, true, received_ts, prev_event_ids::text[], auth_event_ids::text[], pdu
   FROM @rows AS r(room_nid, event_nid, event_id, type_nid, state_key_nid, sender_nid, origin_server_ts, depth,
     verdict, auth_height, received_ts, prev_event_ids, auth_event_ids, pdu)
   ON CONFLICT (event_id) DO NOTHING`,
  [...IDENTITY_COLUMNS, ...PDU_COLUMNS],
)

/** Outliers on their way into the database. Nobody is told of them. */
export const LEARNT_EVENTS: StreamWriteKind<LearntEventsWrite> = {
  name: 'learnt-events',
  before(items) {
    const nodes = items.flatMap(({ stateNodes }) => stateNodes)
    const rows = items.flatMap(({ rows, roomNid }) => rows.map((row) => ({ roomNid, row })))
    return [...(nodes.length === 0 ? [] : [insertNodesStatement(nodes)]), ...insertOutliers(rows)]
  },
  after: () => [],
  lease: (item) => item.lease,
}
