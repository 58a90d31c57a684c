import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Who is sought by whom. The queries are texts of `tsquery`, each one finding more than the one before. */
export interface DirectorySearch {
  readonly searcher: UserNid
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

/**
 * Finds users whom the searcher may find: the best matches first, then those of whom more is known. Matches are put in
 * order before anybody asks who may be found, so that a name that many have costs no look at all their rooms.
 */
export async function findUsers(
  queries: Queries,
  search: DirectorySearch,
  by: 'beginnings' | 'parts',
  limit: number,
): Promise<FoundUser[]> {
  const { searcher, exact, beginnings, allLocalUsers, localUsersFirst } = search
  const best = by === 'parts' ? sql`terms @@ ${beginnings}::tsquery` : sql`true`
  // The same order outside keeps the planner from giving it up; it costs nothing over the sorted rows.
  const order = sql`preferred DESC, exact DESC, best DESC, nameless, faceless, user_nid`
  const { rows } = await sql<FoundUser>`
    SELECT (SELECT user_id FROM matrix_user WHERE user_nid = d.user_nid) AS "userId",
           display_name AS "displayName", avatar_url AS "avatarUrl"
      FROM (SELECT user_nid, local, listed, display_name, avatar_url,
                   ${localUsersFirst}::boolean AND local AS preferred, terms @@ ${exact}::tsquery AS exact,
                   ${best} AS best, display_name IS NULL AS nameless, avatar_url IS NULL AS faceless
              FROM directory_user
             WHERE terms @@ ${search[by]}::tsquery AND (listed OR user_nid <> ${searcher})
               AND (local OR NOT ${search.localUsersOnly}::boolean)
             ORDER BY ${order} OFFSET 0) AS d
     WHERE coalesce((SELECT NOT (deactivated OR locked AND NOT ${search.lockedUsers}::boolean)
                       FROM account WHERE user_nid = d.user_nid), true)
       AND (listed OR (${allLocalUsers}::boolean AND local) OR EXISTS (
             SELECT FROM membership AS theirs JOIN membership AS own USING (room_nid)
              WHERE theirs.user_nid = d.user_nid AND theirs.membership = 'join'
                AND own.user_nid = ${searcher} AND own.membership = 'join'))
     ORDER BY ${order} LIMIT ${limit}`.execute(queries)
  return rows
}
