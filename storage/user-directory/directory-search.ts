import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { ServerNid, UserNid } from '../numeric-ids.ts'

/** Who is sought by whom. The queries are texts of `tsquery`, each one finding more than the one before. */
export interface DirectorySearch {
  readonly searcher: UserNid
  readonly ownServer: ServerNid
  readonly exact: string
  readonly beginnings: string
  readonly parts: string
  readonly allLocalUsers: boolean
  readonly localUsersFirst: boolean
  readonly localUsersOnly: boolean
  readonly lockedUsers: boolean
}

/** A user who was found; name and picture as JSON texts. */
export interface FoundUser {
  readonly userId: string
  readonly displayName: string | null
  readonly avatarUrl: string | null
}

/** Finds users whom the searcher may find: the best matches first, then those of whom more is known. */
export async function findUsers(
  queries: Queries,
  search: DirectorySearch,
  by: 'beginnings' | 'parts',
  limit: number,
): Promise<FoundUser[]> {
  const { searcher, ownServer, exact, beginnings, allLocalUsers, localUsersFirst } = search
  const { rows } = await sql<FoundUser>`
    SELECT u.user_id AS "userId", d.display_name AS "displayName", d.avatar_url AS "avatarUrl"
      FROM directory_user AS d
      JOIN matrix_user AS u USING (user_nid)
      LEFT JOIN account USING (user_nid)
     WHERE d.terms @@ ${search[by]}::tsquery AND d.user_nid <> ${searcher}
       AND NOT coalesce(account.deactivated OR account.locked AND NOT ${search.lockedUsers}, false)
       AND (u.server_nid = ${ownServer} OR NOT ${search.localUsersOnly})
       AND (d.listed OR (${allLocalUsers} AND u.server_nid = ${ownServer}) OR EXISTS (
             SELECT FROM membership AS theirs JOIN membership AS own USING (room_nid)
              WHERE theirs.user_nid = d.user_nid AND theirs.membership = 'join'
                AND own.user_nid = ${searcher} AND own.membership = 'join'))
     ORDER BY (${localUsersFirst} AND u.server_nid = ${ownServer}) DESC, d.terms @@ ${exact}::tsquery DESC,
              d.terms @@ ${beginnings}::tsquery DESC, d.display_name IS NULL, d.avatar_url IS NULL, u.user_id
     LIMIT ${limit}`.execute(queries)
  return rows
}
