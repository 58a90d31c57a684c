import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, TypeNid } from '../numeric-ids.ts'
import type { StatePlace } from '../sync/state-places-reader.ts'

/** All of one type in a room's state. */
export interface StateType {
  readonly roomNid: RoomNid
  readonly typeNid: TypeNid
}

/** The current state of some types in some rooms. */
export async function currentStateOfTypes(
  queries: Queries,
  types: readonly StateType[],
): Promise<StatePlace[]> {
  if (types.length === 0) return []
  const { rows } = await sql<StatePlace>`
    SELECT room_nid AS "roomNid", type_nid AS "typeNid", state_key_nid AS "stateKeyNid", event_nid AS "eventNid"
      FROM current_state JOIN unnest(${types.map(({ roomNid }) => roomNid)}::bigint[],
        ${types.map(({ typeNid }) => typeNid)}::bigint[]) AS t(room_nid, type_nid) USING (room_nid, type_nid)`.execute(
    queries,
  )
  return rows
}
