import { sql, type Kysely } from 'kysely'

/**
 * Mail addresses of accounts (client-server API, "Adding Account Administrative Contact Information"), in lower case,
 * and the proofs under way that somebody reads what is sent to one. Which address has completed a stage of
 * user-interactive authentication is noted with it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE third_party_id (
      medium text NOT NULL,
      address text NOT NULL,
      user_nid bigint NOT NULL,
      validated_ts bigint NOT NULL,
      added_ts bigint NOT NULL,
      PRIMARY KEY (medium, address)
    )`.execute(db)
  await sql`CREATE INDEX third_party_id_user ON third_party_id (user_nid)`.execute(db)
  await sql`
    CREATE TABLE address_proof (
      session_id text PRIMARY KEY,
      purpose text NOT NULL,
      address text NOT NULL,
      client_secret_hash bytea NOT NULL,
      send_attempt bigint NOT NULL,
      next_link text,
      created_ts bigint NOT NULL,
      validated_ts bigint,
      UNIQUE (purpose, address, client_secret_hash)
    )`.execute(db)
  await sql`CREATE INDEX address_proof_age ON address_proof (created_ts)`.execute(db)
  await sql`ALTER TABLE uia_session ADD COLUMN address_proof text`.execute(db)
}
