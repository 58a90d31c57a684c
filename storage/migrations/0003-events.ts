import { sql, type Kysely } from 'kysely'

/**
 * Events. The PDU is stored once, as its bytes. `history_pos` orders a room's history: it is a linear extension
 * of the DAG that this server assigns, live events upwards and backfilled ones downwards in the gap below what
 * they precede. `stream_pos` is null for what must never appear as new. Edges stand in the row as ids, because
 * they may name events that are not here.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE event (
      room_nid bigint NOT NULL,
      event_nid bigint NOT NULL,
      event_id text NOT NULL UNIQUE,
      type_nid bigint NOT NULL,
      state_key_nid bigint,
      sender_nid bigint NOT NULL,
      origin_server_ts bigint NOT NULL,
      depth bigint NOT NULL,
      verdict smallint NOT NULL,
      outlier boolean NOT NULL DEFAULT false,
      stream_pos bigint,
      history_pos bigint,
      unread_ordinal bigint NOT NULL DEFAULT 0,
      state_before_root bytea,
      state_after_root bytea,
      partial_state boolean NOT NULL DEFAULT false,
      redacted_by bigint,
      censored boolean NOT NULL DEFAULT false,
      contains_url boolean NOT NULL DEFAULT false,
      received_ts bigint NOT NULL,
      prev_event_ids text[] NOT NULL,
      auth_event_ids text[] NOT NULL,
      pdu bytea NOT NULL,
      PRIMARY KEY (room_nid, event_nid)
    )`.execute(db)
  await sql`CREATE UNIQUE INDEX event_history ON event (room_nid, history_pos) WHERE history_pos IS NOT NULL`.execute(
    db,
  )
  await sql`CREATE UNIQUE INDEX event_stream ON event (stream_pos) WHERE stream_pos IS NOT NULL`.execute(db)
  await sql`CREATE INDEX event_room_stream ON event (room_nid, stream_pos) WHERE stream_pos IS NOT NULL`.execute(
    db,
  )
  await sql`
    CREATE TABLE forward_extremity (
      room_nid bigint NOT NULL,
      event_nid bigint NOT NULL,
      PRIMARY KEY (room_nid, event_nid)
    )`.execute(db)
  await sql`
    CREATE TABLE backward_extremity (
      room_nid bigint NOT NULL,
      missing_event_id text NOT NULL,
      child_event_nid bigint NOT NULL,
      PRIMARY KEY (room_nid, missing_event_id, child_event_nid)
    )`.execute(db)
  await sql`
    CREATE TABLE event_relation (
      room_nid bigint NOT NULL,
      parent_event_id text NOT NULL,
      event_nid bigint NOT NULL,
      rel_type bytea NOT NULL,
      PRIMARY KEY (room_nid, parent_event_id, event_nid)
    )`.execute(db)
  await sql`
    CREATE TABLE pending_redaction (
      room_nid bigint NOT NULL,
      target_event_id text NOT NULL,
      redaction_event_nid bigint NOT NULL,
      PRIMARY KEY (room_nid, target_event_id, redaction_event_nid)
    )`.execute(db)
}
