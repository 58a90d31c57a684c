import { sql, type Kysely } from 'kysely'

/**
 * OAuth 2.0 and single sign-on. Secrets are stored as their SHA-256 alone; what others chose freely is JSON text. An
 * OAuth session and what hangs on it go with their device.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE oauth_client (
      client_id text PRIMARY KEY,
      metadata text NOT NULL,
      metadata_hash bytea NOT NULL UNIQUE,
      registered_ts bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE oauth_session (
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      client_id text NOT NULL REFERENCES oauth_client,
      scope text NOT NULL,
      PRIMARY KEY (user_nid, device_id),
      FOREIGN KEY (user_nid, device_id) REFERENCES device ON DELETE CASCADE
    )`.execute(db)
  await sql`CREATE INDEX oauth_session_client ON oauth_session (client_id)`.execute(db)
  await sql`
    CREATE TABLE oauth_code (
      code_hash bytea PRIMARY KEY,
      client_id text NOT NULL REFERENCES oauth_client ON DELETE CASCADE,
      user_nid bigint NOT NULL,
      scope text NOT NULL,
      redirect_uri text NOT NULL,
      challenge text NOT NULL,
      created_ts bigint NOT NULL,
      used boolean NOT NULL DEFAULT false
    )`.execute(db)
  await sql`CREATE INDEX oauth_code_client ON oauth_code (client_id)`.execute(db)
  await sql`
    CREATE TABLE oauth_device_code (
      code_hash bytea PRIMARY KEY,
      user_code text NOT NULL UNIQUE,
      client_id text NOT NULL REFERENCES oauth_client ON DELETE CASCADE,
      scope text NOT NULL,
      created_ts bigint NOT NULL,
      polled_ts bigint NOT NULL DEFAULT 0,
      user_nid bigint,
      granted boolean
    )`.execute(db)
  await sql`CREATE INDEX oauth_device_code_client ON oauth_device_code (client_id)`.execute(db)
  await sql`
    CREATE TABLE oauth_spent_token (
      token_hash bytea PRIMARY KEY,
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      spent_ts bigint NOT NULL,
      FOREIGN KEY (user_nid, device_id) REFERENCES oauth_session ON DELETE CASCADE
    )`.execute(db)
  await sql`CREATE INDEX oauth_spent_token_device ON oauth_spent_token (user_nid, device_id)`.execute(db)
  await sql`CREATE INDEX oauth_spent_token_age ON oauth_spent_token (spent_ts)`.execute(db)
  await sql`
    CREATE TABLE browser_session (
      token_hash bytea PRIMARY KEY,
      user_nid bigint NOT NULL,
      credential_hash bytea NOT NULL,
      created_ts bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX browser_session_user ON browser_session (user_nid)`.execute(db)
  await sql`CREATE INDEX browser_session_age ON browser_session (created_ts)`.execute(db)
  await sql`
    CREATE TABLE cross_signing_reset (
      user_nid bigint PRIMARY KEY,
      allowed_until_ts bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE sso_link (
      idp_id text NOT NULL,
      subject text NOT NULL,
      user_nid bigint NOT NULL,
      created_ts bigint NOT NULL,
      PRIMARY KEY (idp_id, subject)
    )`.execute(db)
  await sql`CREATE INDEX sso_link_user ON sso_link (user_nid)`.execute(db)
  await sql`
    CREATE TABLE sso_step (
      token_hash bytea PRIMARY KEY,
      kind text NOT NULL,
      payload text NOT NULL,
      created_ts bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX sso_step_age ON sso_step (created_ts)`.execute(db)
}
