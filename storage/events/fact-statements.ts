import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import { relationStatements } from '../relations/relation-statements.ts'
import { upsertReadPositions } from '../rooms/read-position-statement.ts'
import type { Positioned, Statement } from '../position/stream-write.ts'
import type { ClientTransaction, EventWrite } from './event-write.ts'

const insertTransactions = rowsStatement<ClientTransaction & { eventId: string }>(
  'insert-client-transactions',
  `INSERT INTO client_transaction (user_nid, device_id, request_hash, event_id, created_ts) SELECT * FROM @rows`,
  [
    { type: 'bigint', value: (row) => row.userNid },
    { type: 'text', value: (row) => row.deviceId },
    { type: 'bytea', value: (row) => row.requestHash },
    { type: 'text', value: (row) => row.eventId },
    { type: 'bigint', value: (row) => row.createdTs },
  ],
)

const markRedacted = rowsStatement<{ roomNid: RoomNid; target: EventNid; by: EventNid }>(
  'mark-redacted',
  `UPDATE event SET redacted_by = r.redaction FROM @rows AS r(room_nid, target, redaction)
   WHERE event.room_nid = r.room_nid AND event.event_nid = r.target AND event.redacted_by IS NULL`,
  [
    { type: 'bigint', value: (row) => row.roomNid },
    { type: 'bigint', value: (row) => row.target },
    { type: 'bigint', value: (row) => row.by },
  ],
)

const insertPendingRedactions = rowsStatement<{ roomNid: RoomNid; target: string; by: EventNid }>(
  'insert-pending-redactions',
  `INSERT INTO pending_redaction (room_nid, target_event_id, redaction_event_nid) SELECT * FROM @rows
   ON CONFLICT DO NOTHING`,
  [
    { type: 'bigint', value: (row) => row.roomNid },
    { type: 'text', value: (row) => row.target },
    { type: 'bigint', value: (row) => row.by },
  ],
)

interface Highlight {
  readonly userNid: UserNid
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly historyPos: number
}

const insertHighlights = rowsStatement<Highlight>(
  'insert-highlights',
  `INSERT INTO highlight (user_nid, room_nid, event_nid, history_pos, thread)
   SELECT user_nid, room_nid, event_nid, history_pos, '' FROM @rows AS r(user_nid, room_nid, event_nid, history_pos)
   ON CONFLICT DO NOTHING`,
  [
    { type: 'bigint', value: (row) => row.userNid },
    { type: 'bigint', value: (row) => row.roomNid },
    { type: 'bigint', value: (row) => row.eventNid },
    { type: 'bigint', value: (row) => row.historyPos },
  ],
)

const insertRoomHighlights = rowsStatement<Omit<Highlight, 'userNid'>>(
  'insert-room-highlights',
  `INSERT INTO room_highlight (room_nid, event_nid, history_pos, thread)
   SELECT room_nid, event_nid, history_pos, '' FROM @rows AS r(room_nid, event_nid, history_pos)
   ON CONFLICT DO NOTHING`,
  [
    { type: 'bigint', value: (row) => row.roomNid },
    { type: 'bigint', value: (row) => row.eventNid },
    { type: 'bigint', value: (row) => row.historyPos },
  ],
)

/** What stands beside the events: transaction ids, read positions, redactions, relations and highlights. */
export function factStatements(writes: readonly Positioned<EventWrite>[]): readonly Statement[] {
  const items = writes.map(({ item }) => item)
  // One user may send several events of a batch; one statement may touch a row once, and the last one counts.
  const readPositions = new Map(
    items.flatMap(({ roomNid, readPositions }) =>
      readPositions.map((row) => [`${row.userNid}/${roomNid}/${row.thread}`, { ...row, roomNid }] as const),
    ),
  )
  return [
    ...insertTransactions(
      items.flatMap(({ transaction, row }) =>
        transaction ? [{ ...transaction, eventId: row.event.eventId }] : [],
      ),
    ),
    ...upsertReadPositions([...readPositions.values()]),
    ...markRedacted(items.flatMap(({ roomNid, redactions }) => redactions.map((r) => ({ roomNid, ...r })))),
    ...insertPendingRedactions(
      items.flatMap(({ roomNid, row, pendingRedaction }) =>
        pendingRedaction === undefined ? [] : [{ roomNid, target: pendingRedaction, by: row.eventNid }],
      ),
    ),
    ...relationStatements(items),
    ...insertHighlights(
      items.flatMap(({ roomNid, row, highlights }) =>
        highlights.map((userNid) => ({
          userNid,
          roomNid,
          eventNid: row.eventNid,
          historyPos: row.historyPos ?? 0,
        })),
      ),
    ),
    ...insertRoomHighlights(
      items
        .filter((item) => item.roomHighlight)
        .map(({ roomNid, row }) => ({ roomNid, eventNid: row.eventNid, historyPos: row.historyPos ?? 0 })),
    ),
  ]
}
