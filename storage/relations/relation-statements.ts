import type { EventRow, EventWrite } from '../events/event-write.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import type { Statement } from '../position/stream-write.ts'

/** What of an event's write says which relations it makes and ends. */
export interface RelatingWrite extends Pick<EventWrite, 'roomNid' | 'relation' | 'redactions'> {
  readonly row: Pick<EventRow, 'eventNid' | 'typeNid' | 'senderNid' | 'historyPos' | 'redactedBy'> & {
    readonly event: Pick<EventRow['event'], 'originServerTs'>
  }
}

type Related<Write> = Write & { readonly relation: NonNullable<EventWrite['relation']> }

const insertRelations = rowsStatement<Related<RelatingWrite>>(
  'insert-event-relations',
  `WITH added AS (
     INSERT INTO event_relation (
       room_nid, parent_event_id, rel_type, history_pos, event_nid, type_nid, sender_nid, origin_server_ts, key_hash)
     SELECT * FROM @rows ON CONFLICT DO NOTHING
     RETURNING room_nid, parent_event_id, rel_type, history_pos, event_nid, sender_nid)
   INSERT INTO thread_sender AS former (room_nid, root_event_id, sender_nid, events, latest_pos, latest_nid)
   SELECT room_nid, parent_event_id, sender_nid, count(*), max(history_pos),
          (array_agg(event_nid ORDER BY history_pos DESC))[1]
     FROM added WHERE rel_type = 'm.thread'::bytea GROUP BY room_nid, parent_event_id, sender_nid
   ON CONFLICT (room_nid, root_event_id, sender_nid) DO UPDATE SET
     events = former.events + excluded.events,
     latest_pos = greatest(former.latest_pos, excluded.latest_pos),
     latest_nid = CASE WHEN excluded.latest_pos > former.latest_pos
                       THEN excluded.latest_nid ELSE former.latest_nid END`,
  [
    { type: 'bigint', value: ({ roomNid }) => roomNid },
    { type: 'text', value: ({ relation }) => relation.parentEventId },
    { type: 'bytea', value: ({ relation }) => Buffer.from(relation.relType, 'utf8') },
    { type: 'bigint', value: ({ row }) => row.historyPos },
    { type: 'bigint', value: ({ row }) => row.eventNid },
    { type: 'bigint', value: ({ row }) => row.typeNid },
    { type: 'bigint', value: ({ row }) => row.senderNid },
    { type: 'bigint', value: ({ row }) => row.event.originServerTs },
    { type: 'bytea', value: ({ relation }) => relation.keyHash ?? null },
  ],
)

// All parts of one statement see the rows as they were before it.
const dropRelations = rowsStatement<{ readonly roomNid: RoomNid; readonly target: EventNid }>(
  'drop-redacted-relations',
  `WITH gone AS (
     DELETE FROM event_relation r USING @rows AS t(room_nid, target)
      WHERE r.room_nid = t.room_nid AND r.event_nid = t.target
      RETURNING r.room_nid, r.parent_event_id, r.rel_type, r.sender_nid, r.event_nid),
   shrunk AS (
     SELECT room_nid, parent_event_id AS root_event_id, sender_nid, count(*) AS events
       FROM gone WHERE rel_type = 'm.thread'::bytea GROUP BY room_nid, parent_event_id, sender_nid),
   ended AS (
     DELETE FROM thread_sender s USING shrunk
      WHERE s.room_nid = shrunk.room_nid AND s.root_event_id = shrunk.root_event_id
        AND s.sender_nid = shrunk.sender_nid AND s.events <= shrunk.events)
   UPDATE thread_sender s
      SET events = s.events - shrunk.events, latest_pos = latest.history_pos, latest_nid = latest.event_nid
     FROM shrunk CROSS JOIN LATERAL (
       SELECT r.history_pos, r.event_nid FROM event_relation r
        WHERE r.room_nid = shrunk.room_nid AND r.parent_event_id = shrunk.root_event_id
          AND r.rel_type = 'm.thread'::bytea AND r.sender_nid = shrunk.sender_nid
          AND NOT EXISTS (SELECT FROM gone WHERE gone.room_nid = r.room_nid AND gone.event_nid = r.event_nid)
        ORDER BY r.history_pos DESC LIMIT 1) AS latest
    WHERE s.room_nid = shrunk.room_nid AND s.root_event_id = shrunk.root_event_id
      AND s.sender_nid = shrunk.sender_nid AND s.events > shrunk.events`,
  [
    { type: 'bigint', value: ({ roomNid }) => roomNid },
    { type: 'bigint', value: ({ target }) => target },
  ],
)

/** Whether an event counts as a child: what history does not show and what is redacted relates to nothing. */
export function isRelated<Write extends Pick<RelatingWrite, 'row' | 'relation'>>(
  write: Write,
): write is Related<Write> {
  return (
    write.relation !== undefined && write.row.historyPos !== undefined && write.row.redactedBy === undefined
  )
}

/** The relations that events make and that redactions end. */
export function relationStatements(writes: readonly RelatingWrite[]): readonly Statement[] {
  return [
    ...insertRelations(writes.filter((write) => isRelated(write))),
    ...dropRelations(
      writes.flatMap(({ roomNid, redactions }) => redactions.map(({ target }) => ({ roomNid, target }))),
    ),
  ]
}
