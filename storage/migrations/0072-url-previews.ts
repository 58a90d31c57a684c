import { sql, type Kysely } from 'kysely'

/**
 * Previews of pages as they were answered, by a hash of the address. The image of one is media of this server that
 * nobody has uploaded.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE url_preview (
      url_hash bytea PRIMARY KEY,
      answer text NOT NULL,
      fetched_ts bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX url_preview_age ON url_preview (fetched_ts)`.execute(db)
}
