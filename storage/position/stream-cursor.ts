import { sql } from 'kysely'
import type { Queries } from '../database.ts'

/** How far a consumer has come; 0 for one that is new. */
export async function readCursor(queries: Queries, consumer: string): Promise<number> {
  const row = await queries
    .selectFrom('stream_cursor')
    .select('place')
    .where('consumer', '=', consumer)
    .executeTakeFirst()
  return row?.place ?? 0
}

/** Has a consumer that is new begin at a place; one that is known stays where it is. */
export async function beginCursor(queries: Queries, consumer: string, place: number): Promise<void> {
  await queries
    .insertInto('stream_cursor')
    .values({ consumer, place })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Stores how far a consumer has come. */
export async function saveCursor(queries: Queries, consumer: string, place: number): Promise<void> {
  await queries
    .insertInto('stream_cursor')
    .values({ consumer, place })
    .onConflict((conflict) => conflict.column('consumer').doUpdateSet({ place }))
    .execute()
}

/** Forgets consumers whose names begin alike, but for one. */
export async function deleteCursors(queries: Queries, beginning: string, kept: string): Promise<void> {
  await sql`DELETE FROM stream_cursor WHERE starts_with(consumer, ${beginning}) AND consumer <> ${kept}`.execute(
    queries,
  )
}
