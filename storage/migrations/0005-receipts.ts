import { sql, type Kysely } from 'kysely'

/**
 * What users have read, and what stands out for them. An unread count is the room's (or thread's) ordinal at its
 * head less the ordinal at the receipt (DESIGN §3.4): no row per member and message. `thread` is the empty string
 * for an unthreaded receipt.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE receipt (
      room_nid bigint NOT NULL,
      user_nid bigint NOT NULL,
      receipt_type text NOT NULL,
      thread text NOT NULL,
      event_id text NOT NULL,
      receipt_ts bigint NOT NULL,
      stream_pos bigint NOT NULL,
      PRIMARY KEY (room_nid, user_nid, receipt_type, thread)
    )`.execute(db)
  await sql`CREATE INDEX receipt_stream ON receipt (room_nid, stream_pos)`.execute(db)
  await sql`CREATE INDEX receipt_user ON receipt (user_nid, room_nid)`.execute(db)
  await sql`
    CREATE TABLE read_position (
      user_nid bigint NOT NULL,
      room_nid bigint NOT NULL,
      thread text NOT NULL,
      history_pos bigint NOT NULL,
      unread_ordinal bigint NOT NULL,
      PRIMARY KEY (user_nid, room_nid, thread)
    )`.execute(db)
  await sql`
    CREATE TABLE highlight (
      user_nid bigint NOT NULL,
      room_nid bigint NOT NULL,
      event_nid bigint NOT NULL,
      history_pos bigint NOT NULL,
      thread text NOT NULL,
      PRIMARY KEY (user_nid, room_nid, event_nid)
    )`.execute(db)
  await sql`
    CREATE TABLE room_highlight (
      room_nid bigint NOT NULL,
      event_nid bigint NOT NULL,
      history_pos bigint NOT NULL,
      thread text NOT NULL,
      PRIMARY KEY (room_nid, event_nid)
    )`.execute(db)
}
