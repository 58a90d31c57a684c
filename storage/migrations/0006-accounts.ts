import { sql, type Kysely } from 'kysely'

/**
 * Accounts of this server and what belongs to them. Bearer secrets are stored as their SHA-256 alone. What clients
 * chose freely is stored as JSON text, in which U+0000 is an escape that `text` can hold. `account_data.room_nid`
 * is 0 for what belongs to no room; a null content marks a deletion that other devices still have to be told of.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE account (
      user_nid bigint PRIMARY KEY,
      password_hash text,
      admin boolean NOT NULL DEFAULT false,
      guest boolean NOT NULL DEFAULT false,
      deactivated boolean NOT NULL DEFAULT false,
      erased boolean NOT NULL DEFAULT false,
      locked boolean NOT NULL DEFAULT false,
      suspended boolean NOT NULL DEFAULT false,
      appservice_id text,
      created_ts bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE device (
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      display_name text,
      created_ts bigint NOT NULL,
      last_seen_ts bigint,
      last_seen_ip text,
      PRIMARY KEY (user_nid, device_id)
    )`.execute(db)
  await sql`
    CREATE TABLE access_token (
      token_hash bytea PRIMARY KEY,
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      created_ts bigint NOT NULL,
      expires_ts bigint,
      replaces_refresh_hash bytea
    )`.execute(db)
  await sql`CREATE INDEX access_token_device ON access_token (user_nid, device_id)`.execute(db)
  await sql`
    CREATE TABLE refresh_token (
      token_hash bytea PRIMARY KEY,
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      created_ts bigint NOT NULL,
      replaces_refresh_hash bytea
    )`.execute(db)
  await sql`CREATE INDEX refresh_token_device ON refresh_token (user_nid, device_id)`.execute(db)
  await sql`
    CREATE TABLE registration_token (
      token text PRIMARY KEY,
      uses_allowed integer,
      completed integer NOT NULL DEFAULT 0,
      expires_ts bigint,
      makes_admin boolean NOT NULL DEFAULT false
    )`.execute(db)
  await sql`
    CREATE TABLE login_token (
      token_hash bytea PRIMARY KEY,
      user_nid bigint NOT NULL,
      expires_ts bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX login_token_age ON login_token (expires_ts)`.execute(db)
  await sql`
    CREATE TABLE uia_session (
      session_id text PRIMARY KEY,
      purpose text NOT NULL,
      completed text[] NOT NULL DEFAULT '{}',
      registration_token text,
      created_ts bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX uia_session_age ON uia_session (created_ts)`.execute(db)
  await sql`
    CREATE TABLE profile_field (
      user_nid bigint NOT NULL,
      field text NOT NULL,
      value text NOT NULL,
      PRIMARY KEY (user_nid, field)
    )`.execute(db)
  await sql`
    CREATE TABLE filter (
      user_nid bigint NOT NULL,
      filter_id bigint NOT NULL,
      definition_hash bytea NOT NULL,
      definition text NOT NULL,
      PRIMARY KEY (user_nid, filter_id),
      UNIQUE (user_nid, definition_hash)
    )`.execute(db)
  await sql`
    CREATE TABLE account_data (
      user_nid bigint NOT NULL,
      room_nid bigint NOT NULL,
      type text NOT NULL,
      content text,
      stream_pos bigint NOT NULL,
      PRIMARY KEY (user_nid, room_nid, type)
    )`.execute(db)
  await sql`CREATE INDEX account_data_stream ON account_data (user_nid, stream_pos)`.execute(db)
}
