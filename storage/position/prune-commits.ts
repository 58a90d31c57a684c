import { sql } from 'kysely'
import type { Queries } from '../database.ts'

/**
 * Forgets the oldest commits, the newest `kept` apart. The newest one is the head of the stream and always stays;
 * those before it tell what became of a batch whose answer was lost.
 *
 * @param limit rows of one statement.
 * @returns how many went; fewer than `limit` when none is left.
 */
export async function deleteOldestCommits(queries: Queries, kept: number, limit: number): Promise<number> {
  if (kept < 1) throw new RangeError('the head of the stream is never forgotten')
  const { numAffectedRows } = await sql`
    DELETE FROM stream_commit WHERE last_position IN (
      SELECT last_position FROM stream_commit
       WHERE last_position <= (
         SELECT last_position FROM stream_commit ORDER BY last_position DESC OFFSET ${kept} LIMIT 1
       )
       ORDER BY last_position LIMIT ${limit}
    )`.execute(queries)
  return Number(numAffectedRows ?? 0n)
}
