import { POSITION_SQL, rowsStatement, textArrayLiteral, type Column } from '../position/columns.ts'
import type { RoomNid } from '../numeric-ids.ts'
import type { Positioned, Statement } from '../position/stream-write.ts'
import { rootToBytes } from '../state-trie/state-root.ts'
import type { EventRow, EventWrite } from './event-write.ts'
import { verdictCode } from './verdict.ts'

/** Whose row it is: what statements about event rows share. */
export interface RowInRoom {
  readonly roomNid: RoomNid
  readonly row: EventRow
}

/** `room_nid` to `verdict`, as they stand in the table, and `auth_height`. */
export const IDENTITY_COLUMNS: readonly Column<RowInRoom>[] = [
  { type: 'bigint', value: ({ roomNid }) => roomNid },
  { type: 'bigint', value: ({ row }) => row.eventNid },
  { type: 'text', value: ({ row }) => row.event.eventId },
  { type: 'bigint', value: ({ row }) => row.typeNid },
  { type: 'bigint', value: ({ row }) => row.stateKeyNid ?? null },
  { type: 'bigint', value: ({ row }) => row.senderNid },
  { type: 'bigint', value: ({ row }) => row.event.originServerTs },
  { type: 'bigint', value: ({ row }) => row.event.depth },
  { type: 'smallint', value: ({ row }) => verdictCode(row.verdict) },
  { type: 'integer', value: ({ row }) => row.authHeight ?? null },
]

/** `received_ts` to `pdu`. */
export const PDU_COLUMNS: readonly Column<RowInRoom>[] = [
  { type: 'bigint', value: ({ row }) => row.receivedTs },
  { type: 'text', value: ({ row }) => textArrayLiteral(row.event.prevEvents) },
  { type: 'text', value: ({ row }) => textArrayLiteral(row.event.authEvents) },
  { type: 'bytea', value: ({ row }) => row.pdu },
]

interface PlacedRow extends RowInRoom {
  readonly live: boolean
  readonly back: number
}

const insertEvents = rowsStatement<PlacedRow>(
  'insert-events',
  `INSERT INTO event (
     room_nid, event_nid, event_id, type_nid, state_key_nid, sender_nid, origin_server_ts, depth, verdict,
     auth_height, outlier, stream_pos, history_pos, unread_ordinal, state_before_root, state_after_root, partial_state, contains_url,
     received_ts, prev_event_ids, auth_event_ids, pdu, delay_id)
   SELECT room_nid, event_nid, event_id, type_nid, state_key_nid, sender_nid, origin_server_ts, depth, verdict,
     auth_height, outlier, CASE WHEN live THEN ${POSITION_SQL} END, history_pos, unread_ordinal, state_before, state_after, partial_state,
     contains_url, received_ts, prev_event_ids::text[], auth_event_ids::text[], pdu, delay_id
   FROM @rows AS r(room_nid, event_nid, event_id, type_nid, state_key_nid, sender_nid, origin_server_ts, depth,
     verdict, auth_height, outlier, live, back, history_pos, unread_ordinal, state_before, state_after, partial_state,
     contains_url, received_ts, prev_event_ids, auth_event_ids, pdu, delay_id)
   ON CONFLICT (event_id) DO UPDATE SET
     verdict = excluded.verdict, auth_height = coalesce(excluded.auth_height, event.auth_height), outlier = false, stream_pos = excluded.stream_pos,
     history_pos = excluded.history_pos, unread_ordinal = excluded.unread_ordinal,
     state_before_root = excluded.state_before_root, state_after_root = excluded.state_after_root,
     partial_state = excluded.partial_state, received_ts = excluded.received_ts, pdu = excluded.pdu, censored = false
   WHERE event.outlier AND NOT excluded.outlier`,
  [
    ...IDENTITY_COLUMNS,
    { type: 'boolean', value: ({ row }) => row.outlier },
    { type: 'boolean', value: ({ live }) => live },
    { type: 'bigint', value: ({ back }) => back },
    { type: 'bigint', value: ({ row }) => row.historyPos ?? null },
    { type: 'bigint', value: ({ row }) => row.unreadOrdinal },
    { type: 'bytea', value: ({ row }) => (row.stateBefore ? rootToBytes(row.stateBefore) : null) },
    { type: 'bytea', value: ({ row }) => (row.stateAfter ? rootToBytes(row.stateAfter) : null) },
    { type: 'boolean', value: ({ row }) => row.partialState },
    { type: 'boolean', value: ({ row }) => typeof row.event.content['url'] === 'string' },
    ...PDU_COLUMNS,
    { type: 'text', value: ({ row }) => row.delayId ?? null },
  ],
)

/** Event rows. An outlier that now has its place in the DAG is updated in place and keeps its number. */
export function eventRowStatements(writes: readonly Positioned<EventWrite>[]): readonly Statement[] {
  // A batch may hold an event as one write's outlier and as another write's event; one statement may touch it once.
  const placed = new Map<string, PlacedRow>()
  for (const { item, back } of writes) {
    for (const row of item.outliers) {
      if (!placed.has(row.event.eventId))
        placed.set(row.event.eventId, { roomNid: item.roomNid, row, live: false, back })
    }
    placed.set(item.row.event.eventId, { roomNid: item.roomNid, row: item.row, live: item.live, back })
  }
  return insertEvents([...placed.values()])
}
