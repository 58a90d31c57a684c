import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** A user and a room. */
export interface UserInRoom {
  readonly userNid: UserNid
  readonly roomNid: RoomNid
}

/** Hides rooms from users who are out of them; who is in one again keeps it. */
export async function forgetRooms(queries: Queries, places: readonly UserInRoom[]): Promise<void> {
  await sql`
    UPDATE membership SET forgotten = true FROM ${placeRows(places)}
     WHERE membership.user_nid = place.user_nid AND membership.room_nid = place.room_nid
       AND membership.membership IN ('leave', 'ban') AND NOT membership.forgotten`.execute(queries)
}

/** Those of some users who are joined to the room they are named with. */
export async function joinedPlaces(queries: Queries, places: readonly UserInRoom[]): Promise<UserInRoom[]> {
  if (places.length === 0) return []
  const { rows } = await sql<UserInRoom>`
    SELECT membership.user_nid AS "userNid", membership.room_nid AS "roomNid" FROM membership JOIN ${placeRows(places)}
        ON membership.user_nid = place.user_nid AND membership.room_nid = place.room_nid
     WHERE membership.membership = 'join'`.execute(queries)
  return rows
}

/** The places as rows that are named `place`. */
export function placeRows(places: readonly UserInRoom[]) {
  return sql`unnest(${places.map(({ userNid }) => userNid)}::bigint[], ${places.map(({ roomNid }) => roomNid)}::bigint[])
    AS place(user_nid, room_nid)`
}
