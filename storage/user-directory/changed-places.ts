import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** A place of some room's current state that has changed. */
export interface ChangedPlace {
  readonly roomNid: RoomNid
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid
  readonly position: StreamPosition
  /** What stood there before. */
  readonly previousNid: EventNid | null
}

/**
 * Changes of the current state of rooms in a part of the stream, in its order, and all of one position or none.
 *
 * @param range.limit roughly; one position may have more.
 * @returns the changes, and the position up to which they are told.
 */
export async function changedPlaces(
  queries: Queries,
  typeNids: readonly TypeNid[],
  range: { readonly after: StreamPosition; readonly until: StreamPosition; readonly limit: number },
): Promise<{ readonly changes: readonly ChangedPlace[]; readonly end: StreamPosition }> {
  const select = () =>
    queries
      .selectFrom('current_state_delta')
      .select([
        'room_nid as roomNid',
        'type_nid as typeNid',
        'state_key_nid as stateKeyNid',
        'stream_pos as position',
        'prev_event_nid as previousNid',
      ])
      .where('type_nid', '=', anyOf(typeNids))
  const changes = await select()
    .where('stream_pos', '>', range.after)
    .where('stream_pos', '<=', range.until)
    .orderBy('stream_pos')
    .limit(range.limit)
    .execute()
  const last = changes.at(-1)?.position
  if (changes.length < range.limit || last === undefined) return { changes, end: range.until }
  const before = changes.filter(({ position }) => position !== last)
  const ofLast = await select().where('stream_pos', '=', last).execute()
  return { changes: [...before, ...ofLast], end: last }
}
