import { sql, type Kysely } from 'kysely'

/** How much the state of rooms has changed since their dead nodes were collected, and what was alive then. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE state_collection (
      room_nid bigint PRIMARY KEY,
      changes bigint NOT NULL,
      live_nodes bigint NOT NULL DEFAULT 0
    )`.execute(db)
}
