import type { ReadPositionChange } from '../events/event-write.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'

/** A user's read position in a room. */
export interface ReadPosition extends ReadPositionChange {
  readonly roomNid: RoomNid
}

/** Moves read positions forward, never back. One call may name a position once. */
export const upsertReadPositions = rowsStatement<ReadPosition>(
  'upsert-read-positions',
  `INSERT INTO read_position (user_nid, room_nid, thread, history_pos, unread_ordinal) SELECT * FROM @rows
   ON CONFLICT (user_nid, room_nid, thread) DO UPDATE SET
     history_pos = excluded.history_pos, unread_ordinal = excluded.unread_ordinal
   WHERE read_position.history_pos < excluded.history_pos`,
  [
    { type: 'bigint', value: (row) => row.userNid },
    { type: 'bigint', value: (row) => row.roomNid },
    { type: 'text', value: (row) => row.thread },
    { type: 'bigint', value: (row) => row.historyPos },
    { type: 'bigint', value: (row) => row.unreadOrdinal },
  ],
)
