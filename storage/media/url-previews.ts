import type { Queries } from '../database.ts'

/** The answer for an address, as JSON text, if it was made since `since` (ms since the epoch). */
export async function findUrlPreview(
  queries: Queries,
  urlHash: Buffer,
  since: number,
): Promise<string | undefined> {
  const row = await queries
    .selectFrom('url_preview')
    .select('answer')
    .where('url_hash', '=', urlHash)
    .where('fetched_ts', '>=', since)
    .executeTakeFirst()
  return row?.answer
}

/** Keeps an answer in place of an older one. */
export async function storeUrlPreview(
  queries: Queries,
  preview: { urlHash: Buffer; answer: string; fetchedTs: number },
): Promise<void> {
  const columns = { answer: preview.answer, fetched_ts: preview.fetchedTs }
  await queries
    .insertInto('url_preview')
    .values({ url_hash: preview.urlHash, ...columns })
    .onConflict((conflict) => conflict.column('url_hash').doUpdateSet(columns))
    .execute()
}

/** Deletes answers from before `before`. Returns how many, `limit` at most. */
export async function deleteOldUrlPreviews(queries: Queries, before: number, limit: number): Promise<number> {
  const { numDeletedRows } = await queries
    .deleteFrom('url_preview')
    .where('url_hash', 'in', (query) =>
      query.selectFrom('url_preview').select('url_hash').where('fetched_ts', '<', before).limit(limit),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
