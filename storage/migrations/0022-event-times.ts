import { sql, type Kysely } from 'kysely'

/** A room's history by time, for who jumps to a date. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE INDEX event_time ON event (room_nid, origin_server_ts, history_pos) WHERE history_pos IS NOT NULL
  `.execute(db)
}
