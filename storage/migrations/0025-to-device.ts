import { sql, type Kysely } from 'kysely'

/**
 * Messages to devices, copies of room keys, and devices that stand in for users who are away.
 *
 * `to_device_message` is the inbox of each device of ours: `seq` counts its messages. `to_device_page` ends an
 * answer that could not hold all: what stands after `through_seq` counts as of the page's position, which no client
 * can have acknowledged with that answer. `to_device_request` knows what has been done: a row that carries another
 * position than the writer's own is a repeated request. `to_device_outbox` waits for other servers.
 *
 * `key_backup` is one version of a user's backup; its `auth_data` is null when it has been deleted, because versions
 * are never counted again. `etag` counts its changes and `key_count` its keys.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE to_device_message (
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      seq bigint NOT NULL,
      stream_pos bigint NOT NULL,
      event text NOT NULL,
      PRIMARY KEY (user_nid, device_id, seq),
      FOREIGN KEY (user_nid, device_id) REFERENCES device ON DELETE CASCADE
    )`.execute(db)
  await sql`
    CREATE TABLE to_device_page (
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      through_seq bigint NOT NULL,
      stream_pos bigint NOT NULL,
      PRIMARY KEY (user_nid, device_id, through_seq),
      FOREIGN KEY (user_nid, device_id) REFERENCES device ON DELETE CASCADE
    )`.execute(db)
  await sql`
    CREATE TABLE to_device_request (
      request_hash bytea PRIMARY KEY,
      stream_pos bigint NOT NULL,
      expires_ts bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX to_device_request_age ON to_device_request (expires_ts)`.execute(db)
  await sql`
    CREATE TABLE to_device_outbox (
      server_nid bigint NOT NULL,
      message_nid bigint GENERATED ALWAYS AS IDENTITY,
      edu text NOT NULL,
      PRIMARY KEY (server_nid, message_nid)
    )`.execute(db)
  await sql`
    CREATE TABLE key_backup (
      user_nid bigint NOT NULL,
      version bigint NOT NULL,
      algorithm text NOT NULL,
      auth_data text,
      etag bigint NOT NULL DEFAULT 0,
      key_count bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (user_nid, version)
    )`.execute(db)
  await sql`
    CREATE TABLE backed_up_key (
      user_nid bigint NOT NULL,
      version bigint NOT NULL,
      room_id text COLLATE "C" NOT NULL,
      session_id text COLLATE "C" NOT NULL,
      is_verified boolean NOT NULL,
      first_message_index bigint NOT NULL,
      forwarded_count bigint NOT NULL,
      session_data text NOT NULL,
      PRIMARY KEY (user_nid, version, room_id, session_id),
      FOREIGN KEY (user_nid, version) REFERENCES key_backup ON DELETE CASCADE
    )`.execute(db)
  await sql`
    CREATE TABLE dehydrated_device (
      user_nid bigint PRIMARY KEY,
      device_id text NOT NULL,
      device_data text NOT NULL,
      FOREIGN KEY (user_nid, device_id) REFERENCES device ON DELETE CASCADE
    )`.execute(db)
}
