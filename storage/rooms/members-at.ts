import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { StateRoot } from '../state-trie/state-root.ts'
import { rootFromBytes } from '../state-trie/state-root.ts'

/**
 * The events of one type in a room's state as it was at a place of the stream: what is current, with the changes
 * since then undone.
 */
export async function stateOfTypeAt(
  queries: Queries,
  roomNid: RoomNid,
  typeNid: TypeNid,
  position: StreamPosition,
): Promise<EventNid[]> {
  const current = await queries
    .selectFrom('current_state')
    .select(['state_key_nid', 'event_nid'])
    .where('room_nid', '=', roomNid)
    .where('type_nid', '=', typeNid)
    .execute()
  const undone = await queries
    .selectFrom('current_state_delta')
    .select(['state_key_nid', 'prev_event_nid'])
    .distinctOn('state_key_nid')
    .where('room_nid', '=', roomNid)
    .where('type_nid', '=', typeNid)
    .where('stream_pos', '>', position)
    .orderBy('state_key_nid')
    .orderBy('stream_pos')
    .execute()
  const state = new Map<StateKeyNid, EventNid | null>(
    current.map((row) => [row.state_key_nid, row.event_nid]),
  )
  for (const row of undone) state.set(row.state_key_nid, row.prev_event_nid)
  return [...state.values()].filter((nid) => nid !== null).sort((a, b) => a - b)
}

/** The state after the newest event at or before a place of a room's history. */
export async function rootAtPlace(
  queries: Queries,
  roomNid: RoomNid,
  historyPos: number,
): Promise<StateRoot | undefined> {
  const row = await queries
    .selectFrom('event')
    .select('state_after_root')
    .where('room_nid', '=', roomNid)
    .where('history_pos', '<=', historyPos)
    .orderBy('history_pos', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.state_after_root ? rootFromBytes(row.state_after_root) : undefined
}
