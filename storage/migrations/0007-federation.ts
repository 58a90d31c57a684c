import { sql, type Kysely } from 'kysely'

/**
 * What is known of other servers on the network. The rows go by server name, not by number: such a name is
 * somebody's claim until it has proven itself, and claims do not become ids.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE server_key (
      server_name text NOT NULL,
      key_id text NOT NULL,
      public_key bytea NOT NULL,
      valid_until_ts bigint NOT NULL,
      expired_ts bigint,
      direct boolean NOT NULL,
      fetched_ts bigint NOT NULL,
      response bytea NOT NULL,
      PRIMARY KEY (server_name, key_id)
    )`.execute(db)
  await sql`
    CREATE TABLE federation_destination (
      server_name text PRIMARY KEY,
      failing_since bigint NOT NULL,
      retry_last bigint NOT NULL,
      retry_interval bigint NOT NULL
    )`.execute(db)
}
