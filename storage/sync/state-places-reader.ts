import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** The event at one place of a room's current state. */
export interface StatePlace {
  readonly roomNid: RoomNid
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid
  readonly eventNid: EventNid
}

/** A change of one place of a room's current state; undefined events are empty places. */
export interface StateDelta {
  readonly roomNid: RoomNid
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid
  readonly previousNid: EventNid | undefined
  readonly eventNid: EventNid | undefined
  readonly position: StreamPosition
}

/** A stretch of a room's stream. */
export interface RoomStretch {
  readonly roomNid: RoomNid
  readonly after: StreamPosition
  readonly upTo: StreamPosition
}

/**
 * The whole current state of rooms.
 *
 * @param exceptType a type to leave out, `m.room.member` for lazy loading.
 */
export async function currentState(
  queries: Queries,
  roomNids: readonly RoomNid[],
  exceptType?: TypeNid,
): Promise<StatePlace[]> {
  if (roomNids.length === 0) return []
  let query = queries
    .selectFrom('current_state')
    .select([
      'room_nid as roomNid',
      'type_nid as typeNid',
      'state_key_nid as stateKeyNid',
      'event_nid as eventNid',
    ])
    .where('room_nid', '=', anyOf(roomNids))
  if (exceptType !== undefined) query = query.where('type_nid', '<>', exceptType)
  return query.execute()
}

/** Those of some places of rooms' current state that are filled. */
export async function currentPlaces(
  queries: Queries,
  places: readonly Omit<StatePlace, 'eventNid'>[],
): Promise<StatePlace[]> {
  if (places.length === 0) return []
  const { rows } = await sql<StatePlace>`
    SELECT room_nid AS "roomNid", type_nid AS "typeNid", state_key_nid AS "stateKeyNid", event_nid AS "eventNid"
      FROM current_state JOIN unnest(${places.map(({ roomNid }) => roomNid)}::bigint[],
        ${places.map(({ typeNid }) => typeNid)}::bigint[], ${places.map(({ stateKeyNid }) => stateKeyNid)}::bigint[]
      ) AS p(room_nid, type_nid, state_key_nid) USING (room_nid, type_nid, state_key_nid)`.execute(queries)
  return rows
}

/** All changes of the current state in stretches of rooms, in stream order. */
export async function stateDeltas(
  queries: Queries,
  stretches: readonly RoomStretch[],
): Promise<StateDelta[]> {
  if (stretches.length === 0) return []
  const { rows } = await sql<DeltaRow>`
    SELECT d.room_nid, d.type_nid, d.state_key_nid, d.prev_event_nid, d.event_nid, d.stream_pos
      FROM current_state_delta AS d JOIN unnest(${stretches.map(({ roomNid }) => roomNid)}::bigint[],
        ${stretches.map(({ after }) => after)}::bigint[], ${stretches.map(({ upTo }) => upTo)}::bigint[]
      ) AS s(room_nid, after, up_to)
        ON d.room_nid = s.room_nid AND d.stream_pos > s.after AND d.stream_pos <= s.up_to
     ORDER BY d.stream_pos`.execute(queries)
  return rows.map(deltaOf)
}

/** The changes that were made at exact positions. */
export async function deltasAt(
  queries: Queries,
  positions: readonly { readonly roomNid: RoomNid; readonly position: StreamPosition }[],
): Promise<StateDelta[]> {
  if (positions.length === 0) return []
  const { rows } = await sql<DeltaRow>`
    SELECT d.room_nid, d.type_nid, d.state_key_nid, d.prev_event_nid, d.event_nid, d.stream_pos
      FROM current_state_delta AS d JOIN unnest(${positions.map(({ roomNid }) => roomNid)}::bigint[],
        ${positions.map(({ position }) => position)}::bigint[]
      ) AS p(room_nid, stream_pos) USING (room_nid, stream_pos)
     WHERE d.prev_event_nid IS NOT NULL`.execute(queries)
  return rows.map(deltaOf)
}

interface DeltaRow {
  readonly room_nid: RoomNid
  readonly type_nid: TypeNid
  readonly state_key_nid: StateKeyNid
  readonly prev_event_nid: EventNid | null
  readonly event_nid: EventNid | null
  readonly stream_pos: StreamPosition
}

function deltaOf(row: DeltaRow): StateDelta {
  return {
    roomNid: row.room_nid,
    typeNid: row.type_nid,
    stateKeyNid: row.state_key_nid,
    previousNid: row.prev_event_nid ?? undefined,
    eventNid: row.event_nid ?? undefined,
    position: row.stream_pos,
  }
}
