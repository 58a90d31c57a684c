import { sql, type Kysely } from 'kysely'

/**
 * Device lists. `device_list_change` is the log of changes of users of all servers, one row each; an empty `device_id`
 * stands for the user's cross-signing keys; `viewer_nid` is who alone sees it, null for all. `device_list_destination` names the servers that have changes of our users
 * to be told, after which position. `remote_device_list` and `remote_device` are copies of other servers' users' lists:
 * `stream_id` is their server's number of the last change in the copy, `fetched_pos` our position before it was
 * asked for. Their keys are canonical JSON.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE device_list_change (
      stream_pos bigint PRIMARY KEY,
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      viewer_nid bigint
    )`.execute(db)
  await sql`CREATE INDEX device_list_change_user ON device_list_change (user_nid, stream_pos)`.execute(db)
  await sql`
    CREATE TABLE device_list_destination (
      server_nid bigint PRIMARY KEY,
      after_pos bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE remote_device_list (
      user_nid bigint PRIMARY KEY,
      stream_id bigint NOT NULL,
      fetched_pos bigint NOT NULL,
      stale boolean NOT NULL,
      master_key text,
      self_signing_key text
    )`.execute(db)
  await sql`
    CREATE TABLE remote_device (
      user_nid bigint NOT NULL REFERENCES remote_device_list ON DELETE CASCADE,
      device_id text NOT NULL,
      keys text NOT NULL,
      PRIMARY KEY (user_nid, device_id)
    )`.execute(db)
}
