import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** What the directory says of a user. */
export interface DirectoryEntry {
  readonly userNid: UserNid
  readonly local: boolean
  /** Whether everybody may find the user. */
  readonly listed: boolean
  /** JSON text. */
  readonly displayName: string | null
  /** JSON text. */
  readonly avatarUrl: string | null
  /** By what the user is found, without spaces. */
  readonly terms: readonly string[]
}

/** Puts users into the directory, or changes what it says of them. One statement whatever their number. */
export async function putDirectoryUsers(queries: Queries, entries: readonly DirectoryEntry[]): Promise<void> {
  if (entries.length === 0) return
  await sql`
    INSERT INTO directory_user AS d (user_nid, local, listed, display_name, avatar_url, terms)
    SELECT user_nid, local, listed, display_name, avatar_url, array_to_tsvector(string_to_array(terms, ' '))
      FROM unnest(
        ${entries.map(({ userNid }) => userNid)}::bigint[],
        ${entries.map(({ local }) => local)}::boolean[], ${entries.map(({ listed }) => listed)}::boolean[],
        ${entries.map(({ displayName }) => displayName)}::text[], ${entries.map(({ avatarUrl }) => avatarUrl)}::text[],
        ${entries.map(({ terms }) => terms.join(' '))}::text[]
      ) AS e(user_nid, local, listed, display_name, avatar_url, terms)
    ON CONFLICT (user_nid) DO UPDATE SET listed = excluded.listed, display_name = excluded.display_name,
      avatar_url = excluded.avatar_url, terms = excluded.terms
     WHERE d.listed <> excluded.listed OR d.display_name IS DISTINCT FROM excluded.display_name
        OR d.avatar_url IS DISTINCT FROM excluded.avatar_url OR d.terms <> excluded.terms`.execute(queries)
}

/** Takes users out of the directory. */
export async function deleteDirectoryUsers(queries: Queries, userNids: readonly UserNid[]): Promise<void> {
  if (userNids.length === 0) return
  await queries.deleteFrom('directory_user').where('user_nid', '=', anyOf(userNids)).execute()
}
