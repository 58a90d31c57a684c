import type { Queries } from '../database.ts'
import { STREAM_START, type StreamPosition } from '../position/position.ts'

/** How far a consumer of the stream has come; the beginning for one that is new. */
export async function readStreamCursor(queries: Queries, consumer: string): Promise<StreamPosition> {
  const row = await queries
    .selectFrom('stream_cursor')
    .select('stream_pos')
    .where('consumer', '=', consumer)
    .executeTakeFirst()
  return row?.stream_pos ?? STREAM_START
}

/** Stores how far a consumer has come; in the transaction with what it has made of the stream. */
export async function saveStreamCursor(
  queries: Queries,
  consumer: string,
  position: StreamPosition,
): Promise<void> {
  await queries
    .insertInto('stream_cursor')
    .values({ consumer, stream_pos: position })
    .onConflict((conflict) => conflict.column('consumer').doUpdateSet({ stream_pos: position }))
    .execute()
}
