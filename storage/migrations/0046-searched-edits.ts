import { sql, type Kysely } from 'kysely'

/**
 * An event is found by each text that it has had: `text_nid` is the event that gave the text, itself or an edit, at
 * `text_pos` of the history, and `replaced_pos` where the next edit stands. Who left in between finds it by what it
 * said then. Events that have edits are indexed anew.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE event_search ADD COLUMN text_nid bigint, ADD COLUMN text_pos bigint, ADD COLUMN replaced_pos bigint`.execute(
    db,
  )
  await sql`UPDATE event_search SET text_nid = event_nid, text_pos = history_pos`.execute(db)
  await sql`
    ALTER TABLE event_search ALTER COLUMN text_nid SET NOT NULL, ALTER COLUMN text_pos SET NOT NULL,
      DROP CONSTRAINT event_search_pkey, ADD PRIMARY KEY (room_nid, event_nid, text_nid)`.execute(db)
  await sql`
    UPDATE event_search AS s SET languages = ''
      FROM event JOIN event_relation AS r ON r.room_nid = event.room_nid AND r.parent_event_id = event.event_id
     WHERE r.rel_type = 'm.replace'::bytea AND s.room_nid = event.room_nid AND s.event_nid = event.event_nid`.execute(
    db,
  )
  await sql`DELETE FROM stream_cursor WHERE starts_with(consumer, 'search.languages ')`.execute(db)
}
