import { sql, type Transaction } from 'kysely'
import type { Queries } from '../database.ts'
import type { MediaNid, ServerNid, UserNid } from '../numeric-ids.ts'
import type { Schema } from '../schema/schema.ts'
import type { BlobKey } from './blobs/blob-key.ts'
import { keepBlob } from './loose-blobs.ts'
import { mediaOf, type FileFacts, type Media } from './media.ts'
import { bytesUploadedSince } from './media-reader.ts'

/** Content whose blob is durable. */
export interface NewContent extends FileFacts {
  readonly blob: BlobKey
  readonly authenticated: boolean
  /** Milliseconds since the epoch. */
  readonly storedTs: number
}

/** So many bytes of one user in so much time. */
export interface UploadLimit {
  readonly periodMs: number
  readonly maxBytes: number
}

function columnsOf(content: NewContent) {
  return {
    blob_key: content.blob,
    size: content.size,
    sha256: content.sha256,
    content_type: content.contentType,
    sniffed_type: content.sniffedType ?? null,
    file_name: content.fileName ?? null,
    authenticated: content.authenticated,
    stored_ts: content.storedTs,
    accessed_ts: content.storedTs,
    expires_ts: null,
  }
}

/** Makes what is written for a user wait for what else is being written for the same user. */
async function lockUploader(transaction: Transaction<Schema>, userNid: UserNid): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended('media', ${sql.lit(userNid)}))`.execute(transaction)
}

/**
 * Reserves an id for content to come.
 *
 * @returns false, and nothing reserved, where the user has `maxPending` such ids already.
 */
export function reserveMedia(
  queries: Queries,
  media: { serverNid: ServerNid; mediaId: string; uploaderNid: UserNid; expiresTs: number; now: number },
  maxPending: number,
): Promise<boolean> {
  return queries.transaction().execute(async (transaction) => {
    await lockUploader(transaction, media.uploaderNid)
    const { pending } = await transaction
      .selectFrom('media')
      .select(({ fn }) => fn.countAll<number>().as('pending'))
      .where('uploader_nid', '=', media.uploaderNid)
      .where('stored_ts', 'is', null)
      .where('expires_ts', '>', media.now)
      .executeTakeFirstOrThrow()
    if (pending >= maxPending) return false
    await transaction
      .insertInto('media')
      .values({
        server_nid: media.serverNid,
        media_id: media.mediaId,
        uploader_nid: media.uploaderNid,
        created_ts: media.now,
        accessed_ts: media.now,
        expires_ts: media.expiresTs,
      })
      .execute()
    return true
  })
}

/** What became of an upload. */
export type UploadOutcome = { readonly stored: MediaNid } | { readonly refused: 'over-limit' | 'taken' }

/**
 * Has an upload stand for a durable blob: under a new id, or under one that was reserved for it.
 *
 * @param target.reserved the row that waits for the content.
 * @returns `taken` where the reserved id has content, or is no more; `over-limit` where the user has used a limit up.
 *   Nothing is written then, and the blob stays loose.
 */
export function storeUpload(
  queries: Queries,
  target: { serverNid: ServerNid; mediaId: string; uploaderNid: UserNid; reserved?: MediaNid },
  content: NewContent,
  limits: readonly UploadLimit[],
): Promise<UploadOutcome> {
  return queries.transaction().execute(async (transaction) => {
    if (limits.length > 0) await lockUploader(transaction, target.uploaderNid)
    if (await exceedsLimit(transaction, target.uploaderNid, content.size, content.storedTs, limits)) {
      return { refused: 'over-limit' }
    }
    const columns = columnsOf(content)
    const row =
      target.reserved === undefined
        ? await transaction
            .insertInto('media')
            .values({
              ...columns,
              server_nid: target.serverNid,
              media_id: target.mediaId,
              uploader_nid: target.uploaderNid,
              created_ts: content.storedTs,
            })
            .returning('media_nid')
            .executeTakeFirst()
        : await transaction
            .updateTable('media')
            .set(columns)
            .where('media_nid', '=', target.reserved)
            .where('stored_ts', 'is', null)
            .where('expires_ts', '>', content.storedTs)
            .returning('media_nid')
            .executeTakeFirst()
    if (!row) return { refused: 'taken' }
    await keepBlob(transaction, content.blob)
    return { stored: row.media_nid }
  })
}

/** Whether another so many bytes would be more than a limit lets a user upload. */
export async function exceedsLimit(
  queries: Queries,
  userNid: UserNid,
  bytes: number,
  now: number,
  limits: readonly UploadLimit[],
): Promise<boolean> {
  for (const { periodMs, maxBytes } of limits) {
    if ((await bytesUploadedSince(queries, userNid, now - periodMs)) + bytes > maxBytes) return true
  }
  return false
}

/**
 * Has a copy of what is elsewhere, another server's media or the image of a page, stand for a durable blob. Where it is
 * here already, because another process was faster, that stays and the blob is loose.
 *
 * @returns what is stored now.
 */
export function storeCopy(
  queries: Queries,
  serverNid: ServerNid,
  mediaId: string,
  content: NewContent,
): Promise<Media> {
  return queries.transaction().execute(async (transaction) => {
    const row = await transaction
      .insertInto('media')
      .values({
        ...columnsOf(content),
        server_nid: serverNid,
        media_id: mediaId,
        created_ts: content.storedTs,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['server_nid', 'media_id'])
          .doUpdateSet({ ...columnsOf(content), removed_ts: null })
          .where('media.blob_key', 'is', null)
          .where('media.quarantined_ts', 'is', null),
      )
      .returningAll()
      .executeTakeFirst()
    if (row) {
      await keepBlob(transaction, content.blob)
      return mediaOf(row)
    }
    const present = await transaction
      .selectFrom('media')
      .selectAll()
      .where('server_nid', '=', serverNid)
      .where('media_id', '=', mediaId)
      .executeTakeFirstOrThrow()
    return mediaOf(present)
  })
}

/** Notes when media was last looked at. */
export async function recordAccesses(
  queries: Queries,
  accesses: ReadonlyMap<MediaNid, number>,
): Promise<void> {
  await sql`
    UPDATE media SET accessed_ts = greatest(accessed_ts, seen.ts)
      FROM unnest(${[...accesses.keys()]}::bigint[], ${[...accesses.values()]}::bigint[]) AS seen (nid, ts)
     WHERE media_nid = seen.nid`.execute(queries)
}
