import { sql, type Kysely } from 'kysely'

/** Rooms whose members are still being fetched after a join, and when those that were have become whole. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE partial_join (
      room_nid bigint PRIMARY KEY,
      servers text[] NOT NULL,
      begun_pos bigint NOT NULL,
      begun_ts bigint NOT NULL,
      events_expected bigint,
      events_fetched bigint NOT NULL DEFAULT 0,
      given_up_ts bigint,
      completed_pos bigint,
      completed_ts bigint
    )`.execute(db)
  await sql`ALTER TABLE room DROP COLUMN partial_state`.execute(db)
  await sql`CREATE INDEX event_partial_state ON event (room_nid) WHERE partial_state`.execute(db)
}
