import type { Queries } from '../database.ts'
import type { MediaNid } from '../numeric-ids.ts'
import type { BlobKey } from './blobs/blob-key.ts'
import { keepBlob } from './loose-blobs.ts'

/** Which thumbnail of an image. */
export interface ThumbnailForm {
  readonly width: number
  readonly height: number
  readonly method: 'crop' | 'scale'
  readonly animated: boolean
}

/** A thumbnail that has been made. */
export interface StoredThumbnail {
  readonly blob: BlobKey
  readonly contentType: string
  readonly size: number
}

/** The thumbnail of a form, where it has been made. */
export async function findThumbnail(
  queries: Queries,
  nid: MediaNid,
  form: ThumbnailForm,
): Promise<StoredThumbnail | undefined> {
  const row = await queries
    .selectFrom('media_thumbnail')
    .select(['blob_key', 'content_type', 'size'])
    .where('media_nid', '=', nid)
    .where('width', '=', form.width)
    .where('height', '=', form.height)
    .where('method', '=', form.method)
    .where('animated', '=', form.animated)
    .executeTakeFirst()
  return row && { blob: row.blob_key, contentType: row.content_type, size: row.size }
}

/** How many thumbnails of an image have been made. */
export async function countThumbnails(queries: Queries, nid: MediaNid): Promise<number> {
  const { count } = await queries
    .selectFrom('media_thumbnail')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('media_nid', '=', nid)
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Keeps a thumbnail whose blob is durable. Where another process was faster, its own stays and the blob is loose.
 *
 * @returns false where the media has gone meanwhile: nothing is kept then.
 */
export function storeThumbnail(
  queries: Queries,
  nid: MediaNid,
  form: ThumbnailForm,
  thumbnail: StoredThumbnail,
): Promise<boolean> {
  return queries.transaction().execute(async (transaction) => {
    const media = await transaction
      .selectFrom('media')
      .select('media_nid')
      .where('media_nid', '=', nid)
      .where('blob_key', 'is not', null)
      .forKeyShare()
      .executeTakeFirst()
    if (!media) return false
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('media_thumbnail')
      .values({
        media_nid: nid,
        width: form.width,
        height: form.height,
        method: form.method,
        animated: form.animated,
        content_type: thumbnail.contentType,
        size: thumbnail.size,
        blob_key: thumbnail.blob,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 1n) await keepBlob(transaction, thumbnail.blob)
    return true
  })
}
