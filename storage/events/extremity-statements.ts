import type { EventNid, RoomNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import type { Positioned, Statement } from '../position/stream-write.ts'
import type { EventWrite } from './event-write.ts'

interface Edge {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
}

interface Missing extends Edge {
  readonly missingEventId: string
}

const EDGE_COLUMNS = [
  { type: 'bigint', value: (edge: Edge) => edge.roomNid },
  { type: 'bigint', value: (edge: Edge) => edge.eventNid },
]

const deleteForward = rowsStatement<Edge>(
  'delete-forward-extremities',
  `DELETE FROM forward_extremity USING @rows AS gone(room_nid, event_nid)
   WHERE forward_extremity.room_nid = gone.room_nid AND forward_extremity.event_nid = gone.event_nid`,
  EDGE_COLUMNS,
)

const insertForward = rowsStatement<Edge>(
  'insert-forward-extremities',
  `INSERT INTO forward_extremity (room_nid, event_nid) SELECT * FROM @rows ON CONFLICT DO NOTHING`,
  EDGE_COLUMNS,
)

const insertBackward = rowsStatement<Missing>(
  'insert-backward-extremities',
  `INSERT INTO backward_extremity (room_nid, missing_event_id, child_event_nid)
   SELECT room_nid, missing, child FROM @rows AS r(room_nid, child, missing) ON CONFLICT DO NOTHING`,
  [...EDGE_COLUMNS, { type: 'text', value: (edge) => edge.missingEventId }],
)

const deleteBackward = rowsStatement<{ roomNid: RoomNid; eventId: string }>(
  'delete-backward-extremities',
  `DELETE FROM backward_extremity USING @rows AS filled(room_nid, event_id)
   WHERE backward_extremity.room_nid = filled.room_nid AND missing_event_id = filled.event_id`,
  [
    { type: 'bigint', value: (filled) => filled.roomNid },
    { type: 'text', value: (filled) => filled.eventId },
  ],
)

/** Forward extremities as a batch leaves them. */
export function forwardExtremityStatements(
  items: readonly Pick<EventWrite, 'roomNid' | 'extremities'>[],
): readonly Statement[] {
  const added = new Map<EventNid, Edge>()
  const removed = new Map<EventNid, Edge>()
  for (const item of items) {
    for (const eventNid of item.extremities.removed) {
      // An extremity that the same batch adds and removes was never a row.
      if (!added.delete(eventNid)) removed.set(eventNid, { roomNid: item.roomNid, eventNid })
    }
    for (const eventNid of item.extremities.added) added.set(eventNid, { roomNid: item.roomNid, eventNid })
  }
  return [...deleteForward([...removed.values()]), ...insertForward([...added.values()])]
}

/** Forward extremities as the batch leaves them, and the causes that are missing. */
export function extremityStatements(writes: readonly Positioned<EventWrite>[]): readonly Statement[] {
  const missing = writes.flatMap(({ item }) =>
    item.missing.added.map((missingEventId) => ({
      roomNid: item.roomNid,
      eventNid: item.row.eventNid,
      missingEventId,
    })),
  )
  const filled = writes
    .filter(({ item }) => item.missing.filled)
    .map(({ item }) => ({ roomNid: item.roomNid, eventId: item.row.event.eventId }))
  return [
    ...forwardExtremityStatements(writes.map(({ item }) => item)),
    ...insertBackward(missing),
    ...deleteBackward(filled),
  ]
}
