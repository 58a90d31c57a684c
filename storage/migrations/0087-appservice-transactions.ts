import { sql, type Kysely } from 'kysely'

/**
 * How far each application service has been told, and the transaction that it has not acknowledged yet, which is sent
 * again as it is. `until_pos` is how far the service has been told once it has the transaction.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE appservice_transaction (
      appservice_id text PRIMARY KEY,
      place bigint NOT NULL,
      number bigint NOT NULL DEFAULT 0,
      body bytea,
      until_pos bigint,
      CHECK ((body IS NULL) = (until_pos IS NULL))
    )`.execute(db)
  await sql`CREATE INDEX account_appservice ON account (appservice_id, user_nid) WHERE appservice_id IS NOT NULL`.execute(
    db,
  )
  // Invites from rooms of other servers, which are in no history: a service that was away is told them by this.
  await sql`CREATE INDEX membership_outside ON membership (stream_pos) WHERE outside`.execute(db)
}
