import type { ReadPositionChange } from '../events/event-write.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import type { Statement } from '../position/stream-write.ts'
import { ALL_THREADS } from './threads.ts'

/** A user's read position in a room. */
export interface ReadPosition extends ReadPositionChange {
  readonly roomNid: RoomNid
}

const upsert = rowsStatement<ReadPosition>(
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

// A position of the room as a whole overtakes those of its threads, of which a user has had many.
const forgetOvertaken = rowsStatement<ReadPosition>(
  'forget-overtaken-read-positions',
  `DELETE FROM read_position p USING @rows AS r(user_nid, room_nid, history_pos)
    WHERE p.user_nid = r.user_nid AND p.room_nid = r.room_nid AND p.thread <> '${ALL_THREADS}'
      AND p.history_pos <= r.history_pos`,
  [
    { type: 'bigint', value: (row) => row.userNid },
    { type: 'bigint', value: (row) => row.roomNid },
    { type: 'bigint', value: (row) => row.historyPos },
  ],
)

/** Moves read positions forward, never back. Of several changes of one position the furthest counts. */
export function upsertReadPositions(rows: readonly ReadPosition[]): readonly Statement[] {
  const furthest = new Map<string, ReadPosition>()
  for (const row of rows) {
    const key = `${row.userNid}/${row.roomNid}/${row.thread}`
    const known = furthest.get(key)
    if (!known || known.historyPos < row.historyPos) furthest.set(key, row)
  }
  const positions = [...furthest.values()]
  return [...upsert(positions), ...forgetOvertaken(positions.filter(({ thread }) => thread === ALL_THREADS))]
}
