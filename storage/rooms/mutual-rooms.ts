import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/**
 * Rooms that two users are both joined to, in the order of their numbers.
 *
 * @param after the last one that has been seen; 0 for the beginning.
 */
export async function mutualRooms(
  queries: Queries,
  one: UserNid,
  other: UserNid,
  after: number,
  limit: number,
): Promise<RoomNid[]> {
  const rows = await shared(queries, one, other)
    .select('own.room_nid')
    .where('own.room_nid', '>', after as RoomNid)
    .orderBy('own.room_nid')
    .limit(limit)
    .execute()
  return rows.map((row) => row.room_nid)
}

/** How many rooms two users are both joined to. */
export async function countMutualRooms(queries: Queries, one: UserNid, other: UserNid): Promise<number> {
  const { count } = await shared(queries, one, other)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

function shared(queries: Queries, one: UserNid, other: UserNid) {
  return queries
    .selectFrom('membership as own')
    .innerJoin('membership as theirs', 'theirs.room_nid', 'own.room_nid')
    .where('own.user_nid', '=', one)
    .where('own.membership', '=', 'join')
    .where('theirs.user_nid', '=', other)
    .where('theirs.membership', '=', 'join')
}
