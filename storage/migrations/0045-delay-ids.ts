import { sql, type Kysely } from 'kysely'

/** By which delay id an event was sent (MSC4140): its sender is told as long as the event is there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE event ADD COLUMN delay_id text`.execute(db)
}
