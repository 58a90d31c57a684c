import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import { rootFromBytes, type StateRoot } from '../state-trie/state-root.ts'

/** What the database knows of a room's head. */
export interface StoredHead {
  readonly extremities: readonly {
    readonly eventId: string
    readonly eventNid: EventNid
    readonly depth: number
    readonly stateAfter: StateRoot
  }[]
  readonly historyPos: number
  readonly unreadOrdinal: number
  /** Redactions that wait for their target, by the target's id. */
  readonly pendingRedactions: ReadonlyMap<string, readonly EventNid[]>
}

/** Reads a room's head; no extremities mean that this server has never been in the room. */
export async function readRoomHead(queries: Queries, roomNid: RoomNid): Promise<StoredHead> {
  const extremities = await queries
    .selectFrom('forward_extremity')
    .innerJoin('event', (join) =>
      join
        .onRef('event.room_nid', '=', 'forward_extremity.room_nid')
        .onRef('event.event_nid', '=', 'forward_extremity.event_nid'),
    )
    .select(['event.event_id', 'event.event_nid', 'event.depth', 'event.state_after_root'])
    .where('forward_extremity.room_nid', '=', roomNid)
    .orderBy('event.event_nid')
    .execute()
  const newest = await queries
    .selectFrom('event')
    .select(['history_pos', 'unread_ordinal'])
    .where('room_nid', '=', roomNid)
    .where('history_pos', 'is not', null)
    .orderBy('history_pos', 'desc')
    .limit(1)
    .executeTakeFirst()
  const pending = await queries
    .selectFrom('pending_redaction')
    .select(['target_event_id', 'redaction_event_nid'])
    .where('room_nid', '=', roomNid)
    .execute()
  const pendingRedactions = new Map<string, EventNid[]>()
  for (const row of pending) {
    pendingRedactions.set(row.target_event_id, [
      ...(pendingRedactions.get(row.target_event_id) ?? []),
      row.redaction_event_nid,
    ])
  }
  return {
    extremities: extremities.map((row) => ({
      eventId: row.event_id,
      eventNid: row.event_nid,
      depth: row.depth,
      stateAfter: rootFromBytes(row.state_after_root!),
    })),
    historyPos: newest?.history_pos ?? 0,
    unreadOrdinal: newest?.unread_ordinal ?? 0,
    pendingRedactions,
  }
}

/** Takes the lease of a room: from now on, whoever held it before can no longer commit to the room. */
export async function takeRoomLease(queries: Queries, roomNid: RoomNid): Promise<number> {
  const token = sql<number>`nextval('lease_token')`
  const row = await queries
    .insertInto('room_lease')
    .values({ room_nid: roomNid, token })
    .onConflict((conflict) => conflict.column('room_nid').doUpdateSet({ token }))
    .returning('token')
    .executeTakeFirstOrThrow()
  return row.token
}
