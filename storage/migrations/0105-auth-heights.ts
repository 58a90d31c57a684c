import { sql, type Kysely } from 'kysely'

/**
 * The length of the longest path of auth edges from each event, by which auth chains are compared from the top. Null for
 * events that were stored before, and where a part of the chain is not here: such chains are walked whole.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE event ADD COLUMN auth_height integer`.execute(db)
}
