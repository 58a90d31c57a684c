import { sql, type Kysely } from 'kysely'

/**
 * Search and the user directory, both of which follow the stream at their own pace: `stream_cursor` is how far each
 * has come. A vector of `event_search` also holds its room as the lexeme `room <room_nid>`, so that a search of few
 * rooms reads their part of the index alone. `open_room` are the rooms with users of this server that everybody may look
 * into. `directory_user.terms` holds the beginnings and the inner parts of names.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE stream_cursor (
      consumer text PRIMARY KEY,
      place bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE event_search (
      room_nid bigint NOT NULL,
      event_nid bigint NOT NULL,
      key smallint NOT NULL,
      history_pos bigint NOT NULL,
      origin_server_ts bigint NOT NULL,
      sender_nid bigint NOT NULL,
      languages text NOT NULL,
      vector tsvector NOT NULL,
      PRIMARY KEY (room_nid, event_nid)
    )`.execute(db)
  await sql`CREATE INDEX event_search_vector ON event_search USING gin (vector)`.execute(db)
  await sql`
    CREATE INDEX event_backfilled ON event (event_nid) WHERE stream_pos IS NULL AND history_pos IS NOT NULL
  `.execute(db)
  await sql`CREATE INDEX current_state_delta_stream ON current_state_delta (stream_pos)`.execute(db)
  await sql`CREATE TABLE open_room (room_nid bigint PRIMARY KEY)`.execute(db)
  await sql`
    CREATE TABLE directory_user (
      user_nid bigint PRIMARY KEY,
      local boolean NOT NULL,
      listed boolean NOT NULL,
      display_name text,
      avatar_url text,
      terms tsvector NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX directory_user_terms ON directory_user USING gin (terms)`.execute(db)
}
