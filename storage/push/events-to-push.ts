import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { Pusher } from '../pushers/pusher.ts'
import { MAIN_THREAD } from '../rooms/threads.ts'

/** A new event of which somebody may have to be told. */
export interface EventToPush {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly position: StreamPosition
  /** The root's event id, or `main`. */
  readonly thread: string
  /** Whether it stands out for everybody. */
  readonly toRoom: boolean
}

/** The events of a part of the stream that history shows, in its order. */
export async function eventsToPush(
  queries: Queries,
  { after, until, limit }: { after: StreamPosition; until: StreamPosition; limit: number },
): Promise<EventToPush[]> {
  const { rows } = await sql<EventToPush>`
    SELECT e.room_nid AS "roomNid", e.event_nid AS "eventNid", e.stream_pos AS position,
           coalesce(t.thread, h.thread, p.thread, ${MAIN_THREAD}) AS thread, h.event_nid IS NOT NULL AS "toRoom"
      FROM (SELECT room_nid, event_nid, stream_pos, history_pos FROM event
             WHERE stream_pos > ${after} AND stream_pos <= ${until} AND history_pos IS NOT NULL
             ORDER BY stream_pos LIMIT ${limit}) e
      LEFT JOIN thread_message t ON t.room_nid = e.room_nid AND t.history_pos = e.history_pos
      LEFT JOIN room_highlight h ON h.room_nid = e.room_nid AND h.event_nid = e.event_nid
      LEFT JOIN LATERAL (
        SELECT thread FROM personal_outcome
         WHERE room_nid = e.room_nid AND event_nid = e.event_nid LIMIT 1) p ON true
     ORDER BY e.stream_pos`.execute(queries)
  return rows
}

/** The members of a room who have a pusher of a kind that is on, with the beginning of their stay. */
export async function pushingMembers(
  queries: Queries,
  roomNid: RoomNid,
  kind: Pusher['kind'],
): Promise<Map<UserNid, StreamPosition>> {
  const { rows } = await sql<{ userNid: UserNid; joinedAt: StreamPosition }>`
    SELECT user_nid AS "userNid", joined_pos AS "joinedAt" FROM membership
     WHERE room_nid = ${roomNid} AND membership = 'join' AND joined_pos IS NOT NULL
       AND EXISTS (SELECT FROM pusher WHERE pusher.user_nid = membership.user_nid AND enabled AND kind = ${kind})`.execute(
    queries,
  )
  return new Map(rows.map(({ userNid, joinedAt }) => [userNid, joinedAt]))
}

/** An invite to a room that this server is not in: JSON texts. */
export interface OutsideInvite {
  readonly userNid: UserNid
  readonly roomNid: RoomNid
  readonly position: StreamPosition
  readonly eventPdu: string | undefined
  readonly strippedState: string | undefined
}

/** Whose invites are asked for: those of one user, or of all who have a pusher of a kind that is on. */
export type Invited = { readonly userNid: UserNid } | { readonly kind: Pusher['kind'] }

/** The invites to rooms elsewhere that users got after a position and still have. */
export async function outsideInvitesAfter(
  queries: Queries,
  after: StreamPosition,
  invited: Invited,
): Promise<OutsideInvite[]> {
  const { rows } = await sql<{
    userNid: UserNid
    roomNid: RoomNid
    position: StreamPosition
    pdu: Buffer | null
    stripped: Buffer | null
  }>`
    SELECT user_nid AS "userNid", room_nid AS "roomNid", stream_pos AS position, event_pdu AS pdu,
           stripped_state AS stripped
      FROM membership
     WHERE ${
       'userNid' in invited
         ? sql`user_nid = ${invited.userNid}`
         : sql`user_nid IN (SELECT user_nid FROM pusher WHERE enabled AND kind = ${invited.kind})`
     }
       AND stream_pos > ${after} AND outside AND membership = 'invite' ORDER BY stream_pos`.execute(queries)
  return rows.map(({ pdu, stripped, ...row }) => ({
    ...row,
    eventPdu: pdu?.toString('utf8'),
    strippedState: stripped?.toString('utf8'),
  }))
}
