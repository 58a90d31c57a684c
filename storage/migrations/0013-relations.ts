import { sql, type Kysely } from 'kysely'

/**
 * Relations of what a room's history shows, with all that pages and bundles choose by. A row goes when its event is
 * redacted. `key_hash` tells annotations apart. `thread_sender` counts the events of each sender in each thread, so
 * that a thread's length, newest event and participants are read without a look at its events.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE event_relation RENAME TO former_event_relation`.execute(db)
  await sql`ALTER TABLE former_event_relation DROP CONSTRAINT event_relation_pkey`.execute(db)
  await sql`
    CREATE TABLE event_relation (
      room_nid bigint NOT NULL,
      parent_event_id text NOT NULL,
      rel_type bytea NOT NULL,
      history_pos bigint NOT NULL,
      event_nid bigint NOT NULL,
      type_nid bigint NOT NULL,
      sender_nid bigint NOT NULL,
      origin_server_ts bigint NOT NULL,
      key_hash bytea,
      PRIMARY KEY (room_nid, parent_event_id, rel_type, history_pos)
    )`.execute(db)
  await sql`
    INSERT INTO event_relation
    SELECT room_nid, parent_event_id, rel_type, history_pos, event_nid, type_nid, sender_nid, origin_server_ts
      FROM former_event_relation JOIN event USING (room_nid, event_nid)
     WHERE history_pos IS NOT NULL AND redacted_by IS NULL AND octet_length(rel_type) <= 255`.execute(db)
  await sql`DROP TABLE former_event_relation`.execute(db)
  await sql`CREATE UNIQUE INDEX event_relation_child ON event_relation (room_nid, event_nid)`.execute(db)
  await sql`
    CREATE TABLE thread_sender (
      room_nid bigint NOT NULL,
      root_event_id text NOT NULL,
      sender_nid bigint NOT NULL,
      events bigint NOT NULL,
      latest_pos bigint NOT NULL,
      latest_nid bigint NOT NULL,
      PRIMARY KEY (room_nid, root_event_id, sender_nid)
    )`.execute(db)
  await sql`CREATE INDEX thread_activity ON thread_sender (room_nid, latest_pos)`.execute(db)
  await sql`
    INSERT INTO thread_sender
    SELECT room_nid, parent_event_id, sender_nid, count(*), max(history_pos),
           (array_agg(event_nid ORDER BY history_pos DESC))[1]
      FROM event_relation WHERE rel_type = 'm.thread'::bytea
     GROUP BY room_nid, parent_event_id, sender_nid`.execute(db)
}
