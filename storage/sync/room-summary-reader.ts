import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** How many users a room has, and the first of them (client-server API, `m.heroes`). */
export interface RoomSummary {
  readonly joined: number
  readonly invited: number
  /** Joined or invited, in the order in which they came; those who are gone where nobody is left. */
  readonly first: readonly UserNid[]
}

/** The specification asks for five beside the user who asks. */
const FIRST_MEMBERS = 6

/** Counts and first members of rooms. */
export async function roomSummaries(
  queries: Queries,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, RoomSummary>> {
  if (roomNids.length === 0) return new Map()
  const { rows } = await sql<{
    room_nid: RoomNid
    joined: number
    invited: number
    present: UserNid[] | null
    gone: UserNid[] | null
  }>`
    SELECT r.room_nid, c.joined, c.invited, present.users AS present, gone.users AS gone
      FROM unnest(${roomNids}::bigint[]) AS r(room_nid)
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE membership = 'join') AS joined,
               count(*) FILTER (WHERE membership = 'invite') AS invited
          FROM membership WHERE room_nid = r.room_nid AND membership IN ('join', 'invite')
      ) AS c
      CROSS JOIN LATERAL (
        SELECT array_agg(user_nid ORDER BY stream_pos) AS users FROM (
          SELECT user_nid, stream_pos FROM membership
           WHERE room_nid = r.room_nid AND membership IN ('join', 'invite')
           ORDER BY stream_pos, user_nid LIMIT ${FIRST_MEMBERS}) AS m
      ) AS present
      LEFT JOIN LATERAL (
        SELECT array_agg(user_nid ORDER BY stream_pos) AS users FROM (
          SELECT user_nid, stream_pos FROM membership
           WHERE room_nid = r.room_nid AND membership IN ('leave', 'ban')
           ORDER BY stream_pos, user_nid LIMIT ${FIRST_MEMBERS}) AS m
      ) AS gone ON c.joined + c.invited <= 1`.execute(queries)
  return new Map(
    rows.map((row) => {
      const present = numbers(row.present)
      return [
        row.room_nid,
        {
          joined: row.joined,
          invited: row.invited,
          first: present.length > 1 ? present : [...present, ...numbers(row.gone)],
        },
      ]
    }),
  )
}

/** node-postgres gives the elements of an int8 array as text. */
function numbers(values: readonly UserNid[] | null): UserNid[] {
  return (values ?? []).map((value) => Number(value) as UserNid)
}
