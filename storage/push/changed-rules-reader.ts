import { sql } from 'kysely'
import { NO_ROOM } from '../accounts/account-data-write.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** A user's global account data of one type. */
export interface UserData {
  readonly userNid: UserNid
  readonly userId: string
  readonly type: string
  /** JSON text of an object. */
  readonly content: string
}

/** Those of `users` who have global account data of a type. */
export async function usersWithAccountData(
  queries: Queries,
  users: readonly UserNid[],
  type: string,
): Promise<UserNid[]> {
  const { rows } = await sql<{ userNid: UserNid }>`
    SELECT user_nid AS "userNid" FROM account_data
     WHERE user_nid = ANY(${users}::bigint[]) AND room_nid = ${NO_ROOM} AND type = ${type}
       AND content IS NOT NULL`.execute(queries)
  return rows.map(({ userNid }) => userNid)
}

/** Everybody who has global account data of one of some types. */
export async function allUsersWithAccountData(
  queries: Queries,
  types: readonly string[],
): Promise<UserNid[]> {
  const { rows } = await sql<{ userNid: UserNid }>`
    SELECT DISTINCT user_nid AS "userNid" FROM account_data
     WHERE room_nid = ${NO_ROOM} AND type = ANY(${types}::text[]) AND content IS NOT NULL`.execute(queries)
  return rows.map(({ userNid }) => userNid)
}

/** What users' global account data of some types say. */
export async function accountDataOf(
  queries: Queries,
  users: readonly UserNid[],
  types: readonly string[],
): Promise<UserData[]> {
  if (users.length === 0) return []
  const { rows } = await sql<UserData>`
    SELECT user_nid AS "userNid", user_id AS "userId", type, content
      FROM account_data JOIN matrix_user USING (user_nid)
     WHERE user_nid = ANY(${users}::bigint[]) AND room_nid = ${NO_ROOM} AND type = ANY(${types}::text[])
       AND content IS NOT NULL`.execute(queries)
  return rows
}

/** The joined members of a room who have global account data of one of some types. */
export async function membersWithAccountData(
  queries: Queries,
  roomNid: RoomNid,
  types: readonly string[],
): Promise<UserNid[]> {
  const { rows } = await sql<{ userNid: UserNid }>`
    SELECT DISTINCT user_nid AS "userNid" FROM membership JOIN account_data USING (user_nid)
     WHERE membership.room_nid = ${roomNid} AND membership = 'join' AND account_data.room_nid = ${NO_ROOM}
       AND type = ANY(${types}::text[]) AND content IS NOT NULL`.execute(queries)
  return rows.map(({ userNid }) => userNid)
}

/** How many users are joined to a room. */
export async function joinedCount(queries: Queries, roomNid: RoomNid): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM membership WHERE room_nid = ${roomNid} AND membership = 'join'`.execute(
    queries,
  )
  return rows[0]!.count
}
