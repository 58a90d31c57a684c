import { sql, type Kysely } from 'kysely'

/**
 * Where users want to be notified (client-server API, "Push Notifications"). `about` is JSON text: what the client said
 * of itself, and the `data` for the gateway. A pusher goes with its device, where it has one. The cursor `push` of
 * `stream_cursor` says up to where all pushers have been told; `told_until` is before the first notification that one
 * pusher still lacks, null for one that lacks none. `badge` is the count that it was told last.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE pusher (
      pusher_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_nid bigint NOT NULL,
      app_id text NOT NULL,
      pushkey text NOT NULL,
      kind text NOT NULL,
      device_id text,
      about text NOT NULL,
      enabled boolean NOT NULL,
      set_ts bigint NOT NULL,
      told_until bigint,
      badge bigint NOT NULL DEFAULT 0,
      UNIQUE (user_nid, app_id, pushkey)
    )`.execute(db)
  await sql`CREATE INDEX pusher_key ON pusher (app_id, pushkey)`.execute(db)
}
