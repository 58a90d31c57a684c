import { sql, type Kysely } from 'kysely'

/**
 * Unread counts (DESIGN §3.4). `event.unread_ordinal` counts the messages of the main timeline; `thread_message`
 * lists those of threads; `recalled_message` those that the ordinals count and that were redacted since.
 * `room_highlight` holds what stands out for every member, `personal_outcome` what an event is to one user where it
 * is something else than to everybody.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`DROP TABLE highlight`.execute(db)
  await sql`
    CREATE TABLE personal_outcome (
      user_nid bigint NOT NULL,
      room_nid bigint NOT NULL,
      history_pos bigint NOT NULL,
      event_nid bigint NOT NULL,
      thread text NOT NULL,
      counted boolean NOT NULL,
      to_room boolean NOT NULL,
      notify boolean NOT NULL,
      highlight boolean NOT NULL,
      PRIMARY KEY (user_nid, room_nid, history_pos)
    )`.execute(db)
  await sql`CREATE INDEX personal_outcome_event ON personal_outcome (room_nid, event_nid)`.execute(db)
  await sql`CREATE INDEX room_highlight_place ON room_highlight (room_nid, history_pos)`.execute(db)
  await sql`
    CREATE TABLE thread_message (
      room_nid bigint NOT NULL,
      history_pos bigint NOT NULL,
      event_nid bigint NOT NULL,
      thread text NOT NULL,
      PRIMARY KEY (room_nid, history_pos)
    )`.execute(db)
  await sql`
    CREATE TABLE recalled_message (
      room_nid bigint NOT NULL,
      history_pos bigint NOT NULL,
      PRIMARY KEY (room_nid, history_pos)
    )`.execute(db)
}
