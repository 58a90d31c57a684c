import { sql, type Kysely } from 'kysely'
import { EVENT_NID_BLOCK } from '../events/event-nid-block.ts'
import { COMMIT_LOCK, STALE_LEASE, STALE_WRITER } from '../position/commit-codes.ts'

/**
 * The one stream position (DESIGN §3.1). `stream_writer` fences a committer that lost its connection: every new
 * connection raises the epoch, so a batch of the old one that still waits in the database cannot commit after the
 * new one has looked. `room_lease` fences the writer of a room in the same way. `take_positions` is the last
 * statement of a batch before the rows that hold positions and the commit: from its lock on, commits are serial.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE SEQUENCE stream_position AS bigint CACHE 1`.execute(db)
  await sql`CREATE SEQUENCE event_nid AS bigint INCREMENT BY ${sql.lit(EVENT_NID_BLOCK)}`.execute(db)
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
    CREATE FUNCTION take_positions(
      my_writer text, my_epoch bigint, my_batch uuid, how_many bigint, room_nids bigint[], tokens bigint[]
    ) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
      stale text;
      last bigint;
    BEGIN
      PERFORM pg_advisory_xact_lock(${sql.lit(COMMIT_LOCK)});
      IF NOT EXISTS (SELECT FROM stream_writer WHERE writer = my_writer AND epoch = my_epoch) THEN
        RAISE EXCEPTION 'stale writer' USING ERRCODE = ${sql.lit(STALE_WRITER)};
      END IF;
      SELECT string_agg(mine.room_nid::text, ',') INTO stale
        FROM unnest(room_nids, tokens) AS mine(room_nid, token)
        LEFT JOIN room_lease USING (room_nid)
       WHERE room_lease.token IS DISTINCT FROM mine.token;
      IF stale IS NOT NULL THEN
        RAISE EXCEPTION 'stale room lease' USING ERRCODE = ${sql.lit(STALE_LEASE)}, DETAIL = stale;
      END IF;
      last := setval('stream_position', nextval('stream_position') + how_many - 1);
      INSERT INTO stream_commit (last_position, batch_id) VALUES (last, my_batch);
      RETURN last;
    END $$`.execute(db)
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
