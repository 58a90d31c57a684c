import { sql, type Kysely } from 'kysely'

/**
 * How long a room keeps quiet in the mails of a pusher of the kind `email`: `until_ts` is when it may speak again, and
 * `pause_ms` how long it was silenced for. `newest_ts` is when the newest message came that a mail told of.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE mail_pause (
      pusher_nid bigint NOT NULL REFERENCES pusher ON DELETE CASCADE,
      room_nid bigint NOT NULL,
      until_ts bigint NOT NULL,
      pause_ms bigint NOT NULL,
      newest_ts bigint NOT NULL,
      PRIMARY KEY (pusher_nid, room_nid)
    )`.execute(db)
}
