import type { EventWrite } from '../events/event-write.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import type { Statement } from '../position/stream-write.ts'
import { MAIN_THREAD } from '../rooms/threads.ts'
import type { EventReach, PersonalOutcome } from './event-reach.ts'

interface PlacedReach {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly historyPos: number
  readonly reach: EventReach
}

const insertPersonalOutcomes = rowsStatement<PlacedReach & { readonly outcome: PersonalOutcome }>(
  'insert-personal-outcomes',
  `INSERT INTO personal_outcome (
     user_nid, room_nid, history_pos, event_nid, thread, counted, to_room, notify, highlight)
   SELECT * FROM @rows ON CONFLICT DO NOTHING`,
  [
    { type: 'bigint', value: ({ outcome }) => outcome.userNid },
    { type: 'bigint', value: ({ roomNid }) => roomNid },
    { type: 'bigint', value: ({ historyPos }) => historyPos },
    { type: 'bigint', value: ({ eventNid }) => eventNid },
    { type: 'text', value: ({ reach }) => reach.thread },
    { type: 'boolean', value: ({ reach }) => reach.counted },
    { type: 'boolean', value: ({ reach }) => reach.toRoom },
    { type: 'boolean', value: ({ outcome }) => outcome.notify },
    { type: 'boolean', value: ({ outcome }) => outcome.highlight },
  ],
)

function insertPlaces(table: 'room_highlight' | 'thread_message') {
  return rowsStatement<PlacedReach>(
    `insert-${table}`,
    `INSERT INTO ${table} (room_nid, event_nid, history_pos, thread) SELECT * FROM @rows ON CONFLICT DO NOTHING`,
    [
      { type: 'bigint', value: ({ roomNid }) => roomNid },
      { type: 'bigint', value: ({ eventNid }) => eventNid },
      { type: 'bigint', value: ({ historyPos }) => historyPos },
      { type: 'text', value: ({ reach }) => reach.thread },
    ],
  )
}

const insertRoomHighlights = insertPlaces('room_highlight')
const insertThreadMessages = insertPlaces('thread_message')

interface Target {
  readonly roomNid: RoomNid
  readonly target: EventNid
}

const TARGET_COLUMNS = [
  { type: 'bigint', value: ({ roomNid }: Target) => roomNid },
  { type: 'bigint', value: ({ target }: Target) => target },
]

// A message of the main timeline was counted when the ordinal rose with it. What is backfilled never counted.
const recallMessages = rowsStatement<Target>(
  'recall-messages',
  `INSERT INTO recalled_message (room_nid, history_pos)
   SELECT e.room_nid, e.history_pos
     FROM @rows AS r(room_nid, target) JOIN event e ON e.room_nid = r.room_nid AND e.event_nid = r.target
    WHERE e.stream_pos IS NOT NULL AND e.history_pos IS NOT NULL AND e.unread_ordinal > coalesce((
      SELECT before.unread_ordinal FROM event before
       WHERE before.room_nid = e.room_nid AND before.history_pos < e.history_pos
       ORDER BY before.history_pos DESC LIMIT 1), 0)
   ON CONFLICT DO NOTHING`,
  TARGET_COLUMNS,
)

function forgetTargets(table: 'personal_outcome' | 'room_highlight') {
  return rowsStatement<Target>(
    `forget-${table}`,
    `DELETE FROM ${table} t USING @rows AS r(room_nid, target)
      WHERE t.room_nid = r.room_nid AND t.event_nid = r.target`,
    TARGET_COLUMNS,
  )
}

const forgetPersonalOutcomes = forgetTargets('personal_outcome')
const forgetRoomHighlights = forgetTargets('room_highlight')

const forgetThreadMessages = rowsStatement<Target>(
  'forget-thread_message',
  `DELETE FROM thread_message t
    USING @rows AS r(room_nid, target) JOIN event e ON e.room_nid = r.room_nid AND e.event_nid = r.target
    WHERE t.room_nid = e.room_nid AND t.history_pos = e.history_pos`,
  TARGET_COLUMNS,
)

/** Whom the events of a batch notify; what a redaction takes back notifies nobody any more. */
export function reachStatements(items: readonly EventWrite[]): readonly Statement[] {
  const reaches = items.flatMap(({ roomNid, row: { eventNid, historyPos }, reach }): PlacedReach[] =>
    reach && historyPos !== undefined ? [{ roomNid, eventNid, historyPos, reach }] : [],
  )
  const targets = items.flatMap(({ roomNid, redactions }) =>
    redactions.map(({ target }) => ({ roomNid, target })),
  )
  return [
    ...insertPersonalOutcomes(
      reaches.flatMap((placed) => placed.reach.personal.map((outcome) => ({ ...placed, outcome }))),
    ),
    ...insertRoomHighlights(reaches.filter(({ reach }) => reach.toRoom)),
    ...insertThreadMessages(reaches.filter(({ reach }) => reach.counted && reach.thread !== MAIN_THREAD)),
    ...recallMessages(targets),
    ...forgetPersonalOutcomes(targets),
    ...forgetRoomHighlights(targets),
    ...forgetThreadMessages(targets),
  ]
}
