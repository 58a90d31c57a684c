import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, TypeNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** A part of the stream. */
export interface MissedStretch {
  /** Not included. */
  readonly after: StreamPosition
  /** Included. */
  readonly until: StreamPosition
  readonly limit: number
}

/** An event that went by. */
export interface MissedEvent {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly typeNid: TypeNid
  readonly position: StreamPosition
}

/** The events of a part of the stream, in its order, whatever their rooms. */
export async function missedEvents(
  queries: Queries,
  { after, until, limit }: MissedStretch,
): Promise<MissedEvent[]> {
  const rows = await queries
    .selectFrom('event')
    .select(['room_nid as roomNid', 'event_nid as eventNid', 'type_nid as typeNid', 'stream_pos'])
    .where('stream_pos', '>', after)
    .where('stream_pos', '<=', until)
    .orderBy('stream_pos')
    .limit(limit)
    .execute()
  return rows.map(({ stream_pos, ...row }) => ({ ...row, position: stream_pos! }))
}

/** An invite from a room that this server is not in, or another such change. */
export interface MissedOutside {
  readonly roomNid: RoomNid
  readonly userNid: UserNid
  readonly position: StreamPosition
}

/** Changes of memberships in rooms of other servers, in the order of the stream. */
export async function missedOutside(
  queries: Queries,
  { after, until }: Pick<MissedStretch, 'after' | 'until'>,
): Promise<MissedOutside[]> {
  return queries
    .selectFrom('membership')
    .select(['room_nid as roomNid', 'user_nid as userNid', 'stream_pos as position'])
    .where('outside', '=', true)
    .where('stream_pos', '>', after)
    .where('stream_pos', '<=', until)
    .orderBy('stream_pos')
    .execute()
}
