import { sql, type Kysely } from 'kysely'

/** What could not be fetched from other servers, and when it may be asked for again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE failed_pull (
      room_nid bigint NOT NULL,
      event_id text NOT NULL,
      origin text,
      attempts integer NOT NULL,
      retry_ts bigint NOT NULL,
      PRIMARY KEY (room_nid, event_id)
    )`.execute(db)
  await sql`CREATE INDEX failed_pull_origin ON failed_pull (origin)`.execute(db)
}
