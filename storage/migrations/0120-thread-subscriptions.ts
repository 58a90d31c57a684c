import { sql, type Kysely } from 'kysely'

/** Which threads users follow, and which they have left, with the place in history up to which they did. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE thread_subscription (
      user_nid bigint NOT NULL,
      room_nid bigint NOT NULL,
      root_event_id text NOT NULL,
      subscribed boolean NOT NULL,
      automatic boolean NOT NULL,
      left_at bigint,
      stream_pos bigint NOT NULL,
      PRIMARY KEY (user_nid, room_nid, root_event_id)
    )`.execute(db)
  await sql`CREATE INDEX thread_subscription_stream ON thread_subscription (user_nid, stream_pos)`.execute(db)
  await sql`
    CREATE INDEX thread_subscription_thread ON thread_subscription (room_nid, root_event_id)
     INCLUDE (user_nid) WHERE subscribed`.execute(db)
}
