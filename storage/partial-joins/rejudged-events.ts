import type { Verdict } from '../../protocol/events/room-event.ts'
import type { EventWrite } from '../events/event-write.ts'
import { forwardExtremityStatements } from '../events/extremity-statements.ts'
import { verdictCode } from '../events/verdict.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { RoomLease, StreamWriteKind } from '../position/stream-write.ts'
import { insertNodesStatement } from '../state-trie/insert-nodes.ts'
import { rootToBytes, type StateRoot } from '../state-trie/state-root.ts'
import type { TrieNode } from '../state-trie/trie-node.ts'

/** An event that came while its room was partially joined, as it stands by the whole state. */
export interface RejudgedEvent {
  readonly eventNid: EventNid
  readonly verdict: Verdict
  readonly stateBefore: StateRoot
  readonly stateAfter: StateRoot
  /** Its place in the room's history; undefined for what history never shows. */
  readonly historyPos: number | undefined
  /** Whether it is shown for the first time. */
  readonly isNew: boolean
}

/** All events of a room that came while it was partially joined, judged anew together. */
export interface RejudgedEvents {
  readonly lease: RoomLease
  readonly roomNid: RoomNid
  readonly events: readonly RejudgedEvent[]
  readonly stateNodes: readonly TrieNode[]
  readonly extremities: EventWrite['extremities']
}

const updateEvents = rowsStatement<RejudgedEvent & { roomNid: RoomNid; back: number }>(
  'rejudge-events',
  `UPDATE event SET verdict = r.verdict, state_before_root = r.state_before, state_after_root = r.state_after,
     partial_state = false, history_pos = r.history_pos,
     stream_pos = CASE WHEN r.is_new THEN ${POSITION_SQL} WHEN r.history_pos IS NOT NULL THEN event.stream_pos END
   FROM @rows AS r(room_nid, event_nid, verdict, state_before, state_after, history_pos, is_new, back)
   WHERE event.room_nid = r.room_nid AND event.event_nid = r.event_nid`,
  [
    { type: 'bigint', value: ({ roomNid }) => roomNid },
    { type: 'bigint', value: ({ eventNid }) => eventNid },
    { type: 'smallint', value: ({ verdict }) => verdictCode(verdict) },
    { type: 'bytea', value: ({ stateBefore }) => rootToBytes(stateBefore) },
    { type: 'bytea', value: ({ stateAfter }) => rootToBytes(stateAfter) },
    { type: 'bigint', value: ({ historyPos }) => historyPos ?? null },
    { type: 'boolean', value: ({ isNew }) => isNew },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

export const REJUDGED_EVENTS: StreamWriteKind<RejudgedEvents> = {
  name: 'rejudged-events',
  before(items) {
    const nodes = items.flatMap(({ stateNodes }) => stateNodes)
    return nodes.length === 0 ? [] : [insertNodesStatement(nodes)]
  },
  after: (writes) => [
    ...updateEvents(
      writes.flatMap(({ item, back }) =>
        item.events.map((event) => ({ ...event, roomNid: item.roomNid, back })),
      ),
    ),
    ...forwardExtremityStatements(writes.map(({ item }) => item)),
  ],
  lease: (item) => item.lease,
}
