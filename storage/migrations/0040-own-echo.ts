import { sql, type Kysely } from 'kysely'

/**
 * The transaction id itself beside the hash of the request, and a way to it from the event: the device that
 * sent an event is told its transaction id also after a restart.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE client_transaction ADD COLUMN transaction_id text`.execute(db)
  await sql`CREATE INDEX client_transaction_event ON client_transaction (event_id)`.execute(db)
}
