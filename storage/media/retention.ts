import { sql, type Transaction } from 'kysely'
import type { Queries } from '../database.ts'
import type { MediaNid, ServerNid } from '../numeric-ids.ts'
import type { Schema } from '../schema/schema.ts'
import { giveUpBlobs } from './loose-blobs.ts'

/** Deletes ids whose content did not come in time. Returns how many, `limit` at most. */
export async function deleteExpiredReservations(
  queries: Queries,
  now: number,
  limit: number,
): Promise<number> {
  const { numDeletedRows } = await queries
    .deleteFrom('media')
    .where('media_nid', 'in', (query) =>
      query.selectFrom('media').select('media_nid').where('expires_ts', '<=', now).limit(limit),
    )
    .where('stored_ts', 'is', null)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/**
 * Takes the content of local media away that nobody has looked at since `before`; the rows stay.
 *
 * @returns how many, `limit` at most.
 */
export function removeLocalMedia(
  queries: Queries,
  own: ServerNid,
  before: number,
  now: number,
  limit: number,
): Promise<number> {
  return queries.transaction().execute(async (transaction) => {
    const rows = await transaction
      .selectFrom('media')
      .select('media_nid')
      .where('server_nid', '=', own)
      .where('blob_key', 'is not', null)
      .where('accessed_ts', '<', before)
      .where('quarantined_ts', 'is', null)
      .where('protected', '=', false)
      .orderBy('accessed_ts')
      .limit(limit)
      .forUpdate()
      .execute()
    const nids = rows.map((row) => row.media_nid)
    return removeContent(transaction, nids, now)
  })
}

/** Takes the content of media away in a transaction of its own; the rows stay. Returns how many. */
export function removeMedia(queries: Queries, nids: readonly MediaNid[], now: number): Promise<number> {
  return queries.transaction().execute((transaction) => removeContent(transaction, nids, now))
}

/** Takes the content of media away, thumbnails with it; the rows stay, and their blobs are loose. */
export async function removeContent(
  transaction: Transaction<Schema>,
  nids: readonly MediaNid[],
  now: number,
): Promise<number> {
  if (nids.length === 0) return 0
  await giveUpBlobsOf(transaction, nids, now)
  await transaction.deleteFrom('media_thumbnail').where('media_nid', 'in', nids).execute()
  const { numUpdatedRows } = await transaction
    .updateTable('media')
    .set({ blob_key: null, removed_ts: now })
    .where('media_nid', 'in', nids)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** A copy of another server's media. */
export interface RemoteCopy {
  readonly nid: MediaNid
  /** With its thumbnails. */
  readonly bytes: number
}

/** Images of previews: media of this server that nobody has uploaded, stored before `before`. */
export async function oldPreviewImages(
  queries: Queries,
  own: ServerNid,
  before: number,
  limit: number,
): Promise<MediaNid[]> {
  const rows = await queries
    .selectFrom('media')
    .select('media_nid')
    .where('server_nid', '=', own)
    .where('uploader_nid', 'is', null)
    .where('stored_ts', '<', before)
    .where('quarantined_ts', 'is', null)
    .limit(limit)
    .execute()
  return rows.map((row) => row.media_nid)
}

/** Copies of other servers' media that may go, the longest unused first; those not looked at since `before`, or all. */
export async function longestUnusedRemote(
  queries: Queries,
  own: ServerNid,
  limit: number,
  before?: number,
): Promise<RemoteCopy[]> {
  const rows = await queries
    .selectFrom('media')
    .select(['media_nid', bytesWithThumbnails.as('bytes')])
    .where('server_nid', '!=', own)
    .where('blob_key', 'is not', null)
    .where('quarantined_ts', 'is', null)
    .$if(before !== undefined, (query) => query.where('accessed_ts', '<', before!))
    .orderBy('accessed_ts')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ nid: row.media_nid, bytes: Number(row.bytes) }))
}

/** How many bytes all copies of other servers' media take. */
export async function cachedRemoteBytes(queries: Queries, own: ServerNid): Promise<number> {
  const row = await queries
    .selectFrom('media')
    .select(sql<string | null>`sum(${bytesWithThumbnails})`.as('bytes'))
    .where('server_nid', '!=', own)
    .where('blob_key', 'is not', null)
    .executeTakeFirst()
  return Number(row?.bytes ?? 0)
}

/** Forgets media that can be had again: copies, and images of previews. Returns how many. */
export function dropMedia(queries: Queries, nids: readonly MediaNid[], now: number): Promise<number> {
  if (nids.length === 0) return Promise.resolve(0)
  return queries.transaction().execute(async (transaction) => {
    await giveUpBlobsOf(transaction, nids, now)
    const { numDeletedRows } = await transaction
      .deleteFrom('media')
      .where('media_nid', 'in', nids)
      .executeTakeFirst()
    return Number(numDeletedRows)
  })
}

const bytesWithThumbnails = sql<string>`(media.size + coalesce(
  (SELECT sum(thumbnail.size) FROM media_thumbnail AS thumbnail WHERE thumbnail.media_nid = media.media_nid), 0))`

async function giveUpBlobsOf(
  transaction: Transaction<Schema>,
  nids: readonly MediaNid[],
  now: number,
): Promise<void> {
  const contents = await transaction
    .selectFrom('media')
    .select('blob_key')
    .where('media_nid', 'in', nids)
    .forUpdate()
    .execute()
  const thumbnails = await transaction
    .selectFrom('media_thumbnail')
    .select('blob_key')
    .where('media_nid', 'in', nids)
    .execute()
  const keys = [...contents, ...thumbnails].flatMap((row) => row.blob_key ?? [])
  await giveUpBlobs(transaction, keys, now)
}
