import type { Transaction } from 'kysely'
import type { Queries } from '../database.ts'
import type { Schema } from '../schema/schema.ts'
import type { BlobKey } from './blobs/blob-key.ts'

/** Notes a blob that is about to be written, so that it is found if nothing comes of it. */
export async function announceBlob(queries: Queries, key: BlobKey, now: number): Promise<void> {
  await queries.insertInto('loose_blob').values({ blob_key: key, loose_since: now }).execute()
}

/**
 * Takes a blob into use, in the transaction that writes the row which names it.
 *
 * @throws Error when it has been collected meanwhile, so that no row names what is gone.
 */
export async function keepBlob(transaction: Transaction<Schema>, key: BlobKey): Promise<void> {
  const { numDeletedRows } = await transaction
    .deleteFrom('loose_blob')
    .where('blob_key', '=', key)
    .executeTakeFirst()
  if (numDeletedRows !== 1n) throw new Error('a blob was collected before it came into use')
}

/** Gives blobs up, in the transaction that takes their rows away. `since` is when they may be deleted from. */
export async function giveUpBlobs(
  transaction: Transaction<Schema>,
  keys: readonly BlobKey[],
  since: number,
): Promise<void> {
  if (keys.length === 0) return
  await transaction
    .insertInto('loose_blob')
    .values(keys.map((blob_key) => ({ blob_key, loose_since: since })))
    .execute()
}

/** Blobs that have been loose since before `before` (ms since the epoch), oldest first. */
export async function oldestLooseBlobs(queries: Queries, before: number, limit: number): Promise<BlobKey[]> {
  const rows = await queries
    .selectFrom('loose_blob')
    .select('blob_key')
    .where('loose_since', '<', before)
    .orderBy('loose_since')
    .limit(limit)
    .execute()
  return rows.map((row) => row.blob_key)
}

/**
 * Deletes a loose blob. Whatever would take it into use waits meanwhile, and then finds it gone; a crash leaves the
 * row, and it is done again.
 *
 * @param remove deletes the blob.
 * @returns false where it has come into use meanwhile.
 */
export function deleteLooseBlob(
  queries: Queries,
  key: BlobKey,
  remove: (key: BlobKey) => Promise<void>,
): Promise<boolean> {
  return queries.transaction().execute(async (transaction) => {
    const { numDeletedRows } = await transaction
      .deleteFrom('loose_blob')
      .where('blob_key', '=', key)
      .executeTakeFirst()
    if (numDeletedRows !== 1n) return false
    await remove(key)
    return true
  })
}
