import { sql } from 'kysely'
import type { Queries } from '../database.ts'

/** What one user has uploaded and is still stored. */
export interface UploaderStatistics {
  readonly userId: string
  readonly displayName: string | null
  readonly count: number
  readonly bytes: number
}

/** By what uploaders can be ordered. */
export const UPLOADER_ORDERS = ['user_id', 'displayname', 'media_length', 'media_count'] as const

/** Which uploaders are meant, and which part of their list. Times in ms since the epoch, both ends included. */
export interface StatisticsWish {
  readonly since: number
  readonly until: number
  /** A part of the user id or of the display name, in any case of letters; empty for all. */
  readonly search: string
  readonly orderBy: (typeof UPLOADER_ORDERS)[number]
  readonly descending: boolean
  readonly from: number
  readonly limit: number
}

/** How much each user has uploaded: a part of the list, and how long it is. */
export async function uploaderStatistics(
  queries: Queries,
  { since, until, search, orderBy, descending, from, limit }: StatisticsWish,
): Promise<{ readonly uploaders: UploaderStatistics[]; readonly total: number }> {
  const sought = `%${search.replace(/[\\%_]/g, '\\$&')}%`
  // A display name is JSON text, in which the sought text stands as JSON writes it.
  const soughtInName = `%${JSON.stringify(search)
    .slice(1, -1)
    .replace(/[\\%_]/g, '\\$&')}%`
  const uploaders = sql`
    SELECT u.user_id, name.value AS displayname, count(*) AS media_count, sum(media.size) AS media_length
      FROM media JOIN matrix_user AS u ON u.user_nid = media.uploader_nid
      LEFT JOIN profile_field AS name ON name.user_nid = u.user_nid AND name.field = 'displayname'
     WHERE media.blob_key IS NOT NULL AND media.created_ts BETWEEN ${since} AND ${until}
       AND (u.user_id ILIKE ${sought} OR name.value ILIKE ${soughtInName})
     GROUP BY u.user_id, name.value`
  const order = sql.raw(`${orderBy} ${descending ? 'DESC' : 'ASC'} NULLS LAST`)
  const { rows } = await sql<{ user_id: string; displayname: string | null; count: string; bytes: string }>`
    SELECT user_id, displayname, media_count AS count, media_length AS bytes FROM (${uploaders}) AS uploader
     ORDER BY ${order}, user_id OFFSET ${from} LIMIT ${limit}`.execute(queries)
  const { rows: counted } = await sql<{ total: string }>`
    SELECT count(*) AS total FROM (${uploaders}) AS uploader`.execute(queries)
  return {
    uploaders: rows.map((row) => ({
      userId: row.user_id,
      displayName: row.displayname === null ? null : String(JSON.parse(row.displayname)),
      count: Number(row.count),
      bytes: Number(row.bytes),
    })),
    total: Number(counted[0]!.total),
  }
}
