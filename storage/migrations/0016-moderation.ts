import { sql, type Kysely } from 'kysely'

/** What users report to the administrators, and the rooms in which users get the server's notices. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE report (
      report_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      received_ts bigint NOT NULL,
      reporter_nid bigint NOT NULL,
      room_nid bigint,
      event_nid bigint,
      reported_user_nid bigint,
      reason text
    )`.execute(db)
  await sql`CREATE INDEX report_room ON report (room_nid)`.execute(db)
  await sql`
    CREATE TABLE server_notice_room (
      user_nid bigint PRIMARY KEY,
      room_nid bigint NOT NULL
    )`.execute(db)
}
