import { sql, type Kysely } from 'kysely'

/**
 * Numeric ids inside, text at the edge (DESIGN §3.6). Event types and state keys may hold U+0000, which `text`
 * cannot, so they are UTF-8 bytes; the other identifiers exclude it by their grammar.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE server (
      server_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      server_name text NOT NULL UNIQUE
    )`.execute(db)
  await sql`
    CREATE TABLE matrix_user (
      user_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_id text NOT NULL UNIQUE,
      server_nid bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX matrix_user_server ON matrix_user (server_nid)`.execute(db)
  await sql`
    CREATE TABLE room (
      room_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      room_id text NOT NULL UNIQUE,
      room_version text,
      partial_state boolean NOT NULL DEFAULT false
    )`.execute(db)
  await sql`
    CREATE TABLE event_type (
      type_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      type bytea NOT NULL UNIQUE
    )`.execute(db)
  await sql`
    CREATE TABLE state_key (
      state_key_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      state_key bytea NOT NULL UNIQUE
    )`.execute(db)
}
