import type { Queries } from '../database.ts'
import type { MediaNid, ServerNid, UserNid } from '../numeric-ids.ts'
import { mediaOf, type Media } from './media.ts'

/** What a content URI stands for; undefined where nothing is known of it. */
export async function findMedia(
  queries: Queries,
  serverNid: ServerNid,
  mediaId: string,
): Promise<Media | undefined> {
  const row = await queries
    .selectFrom('media')
    .selectAll()
    .where('server_nid', '=', serverNid)
    .where('media_id', '=', mediaId)
    .executeTakeFirst()
  return row && mediaOf(row)
}

/** The same by number. */
export async function mediaByNid(queries: Queries, nid: MediaNid): Promise<Media | undefined> {
  const row = await queries.selectFrom('media').selectAll().where('media_nid', '=', nid).executeTakeFirst()
  return row && mediaOf(row)
}

/** How many bytes a user has uploaded since a time (ms since the epoch), what has been removed since counted in. */
export async function bytesUploadedSince(queries: Queries, userNid: UserNid, since: number): Promise<number> {
  const { bytes } = await queries
    .selectFrom('media')
    .select(({ fn }) => fn.sum<string | null>('size').as('bytes'))
    .where('uploader_nid', '=', userNid)
    .where('stored_ts', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(bytes ?? 0)
}
