import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, TypeNid, UserNid } from '../numeric-ids.ts'

/** The newest edits of an event that are looked at: one that nobody can use gives way to the one before it. */
const MAX_EDITS = 8
/** References that one event tells of, the newest; `/relations` pages through all. */
const MAX_REFERENCES = 200

/** An event whose children are asked for. */
export interface Parent {
  readonly roomNid: RoomNid
  readonly eventId: string
  readonly senderNid: UserNid
  readonly typeNid: TypeNid
}

/** A child that is told with its parent. */
export interface BundledChild {
  readonly parentEventId: string
  readonly isEdit: boolean
  readonly eventNid: EventNid
}

/** What one user has said in a thread. */
export interface ThreadShare {
  readonly rootEventId: string
  readonly senderNid: UserNid
  readonly senderId: string
  readonly events: number
  readonly latestNid: EventNid
}

/**
 * Edits of events by those who sent them, the newest first by their own clock, and references to events, oldest
 * first. One query whatever the number of events.
 */
export async function bundledChildren(
  queries: Queries,
  parents: readonly Parent[],
): Promise<readonly BundledChild[]> {
  const { rows } = await sql<BundledChild>`
    SELECT parent.event_id AS "parentEventId", child.is_edit AS "isEdit", child.event_nid AS "eventNid"
      FROM unnest(
        ${parents.map(({ roomNid }) => roomNid)}::bigint[], ${parents.map(({ eventId }) => eventId)}::text[],
        ${parents.map(({ senderNid }) => senderNid)}::bigint[], ${parents.map(({ typeNid }) => typeNid)}::bigint[]
      ) AS parent(room_nid, event_id, sender_nid, type_nid)
     CROSS JOIN LATERAL (
       (SELECT true AS is_edit, event_nid, -origin_server_ts AS place FROM event_relation
         WHERE room_nid = parent.room_nid AND parent_event_id = parent.event_id AND rel_type = 'm.replace'::bytea
           AND sender_nid = parent.sender_nid AND type_nid = parent.type_nid
         ORDER BY origin_server_ts DESC LIMIT ${MAX_EDITS})
       UNION ALL
       (SELECT false, event_nid, history_pos FROM event_relation
         WHERE room_nid = parent.room_nid AND parent_event_id = parent.event_id AND rel_type = 'm.reference'::bytea
         ORDER BY history_pos DESC LIMIT ${MAX_REFERENCES})
     ) AS child
     ORDER BY child.place`.execute(queries)
  return rows
}

/** Who has said how much in threads, whoever spoke last first. One query whatever the number of threads. */
export async function threadShares(
  queries: Queries,
  roots: readonly Pick<Parent, 'roomNid' | 'eventId'>[],
): Promise<readonly ThreadShare[]> {
  const { rows } = await sql<ThreadShare>`
    SELECT root_event_id AS "rootEventId", sender_nid AS "senderNid", matrix_user.user_id AS "senderId",
           events, latest_nid AS "latestNid"
      FROM unnest(
        ${roots.map(({ roomNid }) => roomNid)}::bigint[], ${roots.map(({ eventId }) => eventId)}::text[]
      ) AS root(room_nid, root_event_id)
      JOIN thread_sender USING (room_nid, root_event_id)
      JOIN matrix_user ON matrix_user.user_nid = sender_nid
     ORDER BY latest_pos DESC`.execute(queries)
  return rows
}
