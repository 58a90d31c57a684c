import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** One entry of account data. */
export interface AccountDataEntry {
  /** `NO_ROOM` for global account data. */
  readonly roomNid: RoomNid
  readonly type: string
  /** JSON text of an object; null when it has been deleted. */
  readonly content: string | null
}

/** The content of one entry as JSON text; undefined when there is none or it has been deleted. */
export async function findAccountData(
  queries: Queries,
  userNid: UserNid,
  roomNid: RoomNid,
  type: string,
): Promise<string | undefined> {
  const row = await queries
    .selectFrom('account_data')
    .select('content')
    .where('user_nid', '=', userNid)
    .where('room_nid', '=', roomNid)
    .where('type', '=', type)
    .executeTakeFirst()
  return row?.content ?? undefined
}

/** All that a user's account data holds at `upTo`, deletions left out. */
export async function allAccountData(
  queries: Queries,
  userNid: UserNid,
  upTo: StreamPosition,
): Promise<AccountDataEntry[]> {
  return queries
    .selectFrom('account_data')
    .select(['room_nid as roomNid', 'type', 'content'])
    .where('user_nid', '=', userNid)
    .where('stream_pos', '<=', upTo)
    .where('content', 'is not', null)
    .orderBy('stream_pos')
    .execute()
}

/** What a user's account data holds for one room. */
export async function accountDataOfRoom(
  queries: Queries,
  userNid: UserNid,
  roomNid: RoomNid,
): Promise<{ readonly type: string; readonly content: string }[]> {
  return queries
    .selectFrom('account_data')
    .select(['type', 'content'])
    .where('user_nid', '=', userNid)
    .where('room_nid', '=', roomNid)
    .where('content', 'is not', null)
    .orderBy('type')
    .$narrowType<{ content: string }>()
    .execute()
}

/** What changed in a user's account data after `after` and not after `upTo`, deletions included. */
export async function accountDataChanges(
  queries: Queries,
  userNid: UserNid,
  after: StreamPosition,
  upTo: StreamPosition,
): Promise<AccountDataEntry[]> {
  return queries
    .selectFrom('account_data')
    .select(['room_nid as roomNid', 'type', 'content'])
    .where('user_nid', '=', userNid)
    .where('stream_pos', '>', after)
    .where('stream_pos', '<=', upTo)
    .orderBy('stream_pos')
    .execute()
}

/** How many entries a user has. */
export async function countAccountData(queries: Queries, userNid: UserNid): Promise<number> {
  const { count } = await queries
    .selectFrom('account_data')
    .select(sql<number>`count(*)`.as('count'))
    .where('user_nid', '=', userNid)
    .executeTakeFirstOrThrow()
  return count
}
