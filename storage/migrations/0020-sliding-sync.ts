import { sql, type Kysely } from 'kysely'

/**
 * Connections of sliding sync (MSC4186). Of a connection at most two positions live: the newest one, and the one
 * before for a client that did not get the answer. `previous_…` is what held there. A room has one row, which names
 * the position that wrote it; its `previous` is what held before, null for nothing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE sliding_sync_connection (
      connection_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      conn_id_hash bytea NOT NULL,
      position bigint NOT NULL,
      shared text NOT NULL,
      previous_position bigint,
      previous_shared text,
      last_used_ts bigint NOT NULL,
      UNIQUE (user_nid, device_id, conn_id_hash)
    )`.execute(db)
  await sql`CREATE INDEX sliding_sync_connection_age ON sliding_sync_connection (last_used_ts)`.execute(db)
  await sql`
    CREATE TABLE sliding_sync_room (
      connection_nid bigint NOT NULL REFERENCES sliding_sync_connection ON DELETE CASCADE,
      room_nid bigint NOT NULL,
      position bigint NOT NULL,
      state text NOT NULL,
      previous text,
      PRIMARY KEY (connection_nid, room_nid)
    )`.execute(db)
  await sql`CREATE INDEX sliding_sync_room_position ON sliding_sync_room (connection_nid, position)`.execute(
    db,
  )
}
