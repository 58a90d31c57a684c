import { sql, type Kysely } from 'kysely'

/** Redacted events whose bytes are still whole: few, and found without a look at the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE INDEX event_uncensored ON event (redacted_by, event_nid)
    WHERE redacted_by IS NOT NULL AND NOT censored`.execute(db)
}
