import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, ServerNid, UserNid } from '../numeric-ids.ts'

/** What the directory goes by in what it says of a user. */
export interface DirectoryFacts {
  readonly userNid: UserNid
  readonly userId: string
  readonly local: boolean
  /** Of users of this server: whether there is an account, and it is not closed. */
  readonly active: boolean
  /** JSON texts from the profile of a user of this server. */
  readonly displayName: string | null
  readonly avatarUrl: string | null
  /** Whether the user is joined to a room that this server knows. */
  readonly joined: boolean
  /** The newest membership in a room that is open to all. */
  readonly openRoom: RoomNid | null
  readonly openMember: EventNid | null
}

/** The facts of users who are known here. One query whatever their number. */
export async function directoryFacts(
  queries: Queries,
  ownServer: ServerNid,
  userNids: readonly UserNid[],
): Promise<DirectoryFacts[]> {
  const { rows } = await sql<DirectoryFacts>`
    SELECT u.user_nid AS "userNid", u.user_id AS "userId", u.server_nid = ${ownServer} AS local,
           coalesce(NOT account.deactivated, false) AS active,
           name.value AS "displayName", avatar.value AS "avatarUrl",
           EXISTS (SELECT FROM membership WHERE user_nid = u.user_nid AND membership = 'join') AS joined,
           open.room_nid AS "openRoom", open.event_nid AS "openMember"
      FROM matrix_user AS u
      LEFT JOIN account USING (user_nid)
      LEFT JOIN profile_field AS name ON name.user_nid = u.user_nid AND name.field = 'displayname'
      LEFT JOIN profile_field AS avatar ON avatar.user_nid = u.user_nid AND avatar.field = 'avatar_url'
      LEFT JOIN LATERAL (
        SELECT m.room_nid, m.event_nid FROM membership AS m JOIN open_room USING (room_nid)
         WHERE m.user_nid = u.user_nid AND m.membership = 'join' ORDER BY m.stream_pos DESC LIMIT 1
      ) AS open ON true
     WHERE u.user_nid = ANY(${userNids}::bigint[])`.execute(queries)
  return rows
}

/** Users of this server of whom the directory says something else than their profile, or who are not in it rightly. */
export async function staleDirectoryUsers(
  queries: Queries,
  after: UserNid | undefined,
  limit: number,
): Promise<UserNid[]> {
  const { rows } = await sql<{ user_nid: UserNid }>`
    SELECT account.user_nid FROM account
      LEFT JOIN directory_user AS d USING (user_nid)
      LEFT JOIN profile_field AS name ON name.user_nid = account.user_nid AND name.field = 'displayname'
      LEFT JOIN profile_field AS avatar ON avatar.user_nid = account.user_nid AND avatar.field = 'avatar_url'
     WHERE account.user_nid > ${after ?? 0}
       AND (account.deactivated <> (d.user_nid IS NULL)
            OR NOT account.deactivated AND (name.value IS DISTINCT FROM d.display_name
                                            OR avatar.value IS DISTINCT FROM d.avatar_url))
     ORDER BY account.user_nid LIMIT ${limit}`.execute(queries)
  return rows.map((row) => row.user_nid)
}
