import { sql, type Kysely } from 'kysely'

/**
 * The one stream position (DESIGN §3.1). `stream_writer` fences a committer that lost its connection: every new
 * connection raises the epoch, so a batch of the old one that still waits in the database cannot commit after the
 * new one has looked. `room_lease` fences the writer of a room in the same way.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE SEQUENCE stream_position AS bigint CACHE 1`.execute(db)
  await sql`CREATE SEQUENCE event_nid AS bigint CACHE 1`.execute(db)
  await sql`CREATE SEQUENCE lease_token AS bigint CACHE 1`.execute(db)
  await sql`
    CREATE TABLE stream_commit (
      last_position bigint PRIMARY KEY,
      batch_id uuid NOT NULL UNIQUE
    )`.execute(db)
  await sql`
    CREATE TABLE stream_writer (
      writer text PRIMARY KEY,
      epoch bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE room_lease (
      room_nid bigint PRIMARY KEY,
      token bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE FUNCTION assert_writer_epoch(my_writer text, my_epoch bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM stream_writer WHERE writer = my_writer AND epoch = my_epoch) THEN
        RAISE EXCEPTION 'stale writer' USING ERRCODE = 'MR001';
      END IF;
    END $$`.execute(db)
  await sql`
    CREATE FUNCTION assert_room_leases(room_nids bigint[], tokens bigint[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE stale text;
    BEGIN
      SELECT string_agg(mine.room_nid::text, ',') INTO stale
        FROM unnest(room_nids, tokens) AS mine(room_nid, token)
        LEFT JOIN room_lease USING (room_nid)
       WHERE room_lease.token IS DISTINCT FROM mine.token;
      IF stale IS NOT NULL THEN
        RAISE EXCEPTION 'stale room lease' USING ERRCODE = 'MR002', DETAIL = stale;
      END IF;
    END $$`.execute(db)
  /** One entry of a client's or federation request that must happen once: the answer is found by its key. */
  await sql`
    CREATE TABLE client_transaction (
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      request_hash bytea NOT NULL,
      event_id text NOT NULL,
      created_ts bigint NOT NULL,
      PRIMARY KEY (user_nid, device_id, request_hash)
    )`.execute(db)
  await sql`CREATE INDEX client_transaction_age ON client_transaction (created_ts)`.execute(db)
}
