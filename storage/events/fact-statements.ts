import type { EventNid, RoomNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import { relationStatements } from '../relations/relation-statements.ts'
import { reachStatements } from '../push/reach-statements.ts'
import { upsertReadPositions } from '../rooms/read-position-statement.ts'
import type { Positioned, Statement } from '../position/stream-write.ts'
import type { ClientTransaction, EventWrite } from './event-write.ts'

const insertTransactions = rowsStatement<ClientTransaction & { eventId: string }>(
  'insert-client-transactions',
  `INSERT INTO client_transaction (user_nid, device_id, request_hash, event_id, created_ts, transaction_id)
   SELECT * FROM @rows`,
  [
    { type: 'bigint', value: (row) => row.userNid },
    { type: 'text', value: (row) => row.deviceId },
    { type: 'bytea', value: (row) => row.requestHash },
    { type: 'text', value: (row) => row.eventId },
    { type: 'bigint', value: (row) => row.createdTs },
    { type: 'text', value: (row) => row.transactionId ?? null },
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

/** What stands beside the events: transaction ids, read positions, redactions, relations and whom they notify. */
export function factStatements(writes: readonly Positioned<EventWrite>[]): readonly Statement[] {
  const items = writes.map(({ item }) => item)
  const readPositions = items.flatMap((item) =>
    item.readPositions.map((row) => ({ ...row, roomNid: item.roomNid })),
  )
  return [
    ...insertTransactions(
      items.flatMap(({ transaction, row }) =>
        transaction ? [{ ...transaction, eventId: row.event.eventId }] : [],
      ),
    ),
    ...upsertReadPositions(readPositions),
    ...markRedacted(items.flatMap(({ roomNid, redactions }) => redactions.map((r) => ({ roomNid, ...r })))),
    ...insertPendingRedactions(
      items.flatMap(({ roomNid, row, pendingRedaction }) =>
        pendingRedaction === undefined ? [] : [{ roomNid, target: pendingRedaction, by: row.eventNid }],
      ),
    ),
    ...relationStatements(items),
    ...reachStatements(items),
  ]
}
