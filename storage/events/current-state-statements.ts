import type { RoomNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { Positioned, Statement } from '../position/stream-write.ts'
import type { CurrentStateChange, EventWrite } from './event-write.ts'

interface PlacedChange extends CurrentStateChange {
  readonly roomNid: RoomNid
  readonly back: number
}

const PLACE_COLUMNS = [
  { type: 'bigint', value: (change: PlacedChange) => change.roomNid },
  { type: 'bigint', value: (change: PlacedChange) => change.typeNid },
  { type: 'bigint', value: (change: PlacedChange) => change.stateKeyNid },
]

const upsertState = rowsStatement<PlacedChange>(
  'upsert-current-state',
  `INSERT INTO current_state (room_nid, type_nid, state_key_nid, event_nid) SELECT * FROM @rows
   ON CONFLICT (room_nid, type_nid, state_key_nid) DO UPDATE SET event_nid = excluded.event_nid`,
  [...PLACE_COLUMNS, { type: 'bigint', value: (change) => change.eventNid }],
)

const deleteState = rowsStatement<PlacedChange>(
  'delete-current-state',
  `DELETE FROM current_state USING @rows AS gone(room_nid, type_nid, state_key_nid)
   WHERE current_state.room_nid = gone.room_nid AND current_state.type_nid = gone.type_nid
     AND current_state.state_key_nid = gone.state_key_nid`,
  PLACE_COLUMNS,
)

const insertDeltas = rowsStatement<PlacedChange>(
  'insert-current-state-deltas',
  `INSERT INTO current_state_delta (room_nid, type_nid, state_key_nid, prev_event_nid, event_nid, stream_pos)
   SELECT room_nid, type_nid, state_key_nid, previous, event_nid, ${POSITION_SQL}
   FROM @rows AS r(room_nid, type_nid, state_key_nid, previous, event_nid, back)`,
  [
    ...PLACE_COLUMNS,
    { type: 'bigint', value: (change) => change.previousNid ?? null },
    { type: 'bigint', value: (change) => change.eventNid ?? null },
    { type: 'bigint', value: (change) => change.back },
  ],
)

/** The current state as the batch leaves it, and every step on the way there as deltas. */
export function currentStateStatements(
  writes: readonly Positioned<Pick<EventWrite, 'roomNid' | 'stateChanges'>>[],
): readonly Statement[] {
  const deltas = writes.flatMap(({ item, back }) =>
    item.stateChanges.map((change) => ({ ...change, roomNid: item.roomNid, back })),
  )
  const last = new Map(
    deltas.map((change) => [`${change.roomNid}/${change.typeNid}/${change.stateKeyNid}`, change]),
  )
  const places = [...last.values()]
  return [
    ...upsertState(places.filter((change) => change.eventNid !== undefined)),
    ...deleteState(places.filter((change) => change.eventNid === undefined)),
    ...insertDeltas(deltas),
  ]
}
