import { sql, type Kysely } from 'kysely'

/** Which servers were asked in vain for the members of a room, for administrators. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE partial_join_try (
      room_nid bigint NOT NULL REFERENCES partial_join ON DELETE CASCADE,
      server_name text NOT NULL,
      tried_ts bigint NOT NULL,
      reason text NOT NULL,
      PRIMARY KEY (room_nid, server_name)
    )`.execute(db)
}
