import { sql, type Kysely } from 'kysely'

/**
 * How far other servers have been told of events. Up to `outbound_cursor` every event has reached its destinations
 * or lies in a span of `destination_backlog`: what a destination has not been told of one room, from `after_pos`
 * (not included) to `until_pos` (included), or without an end. A server that is away costs a row for each room and
 * none for each event (DESIGN §3.4).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE outbound_cursor (
      sender text PRIMARY KEY,
      stream_pos bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE destination_backlog (
      server_nid bigint NOT NULL,
      room_nid bigint NOT NULL,
      after_pos bigint NOT NULL,
      until_pos bigint,
      PRIMARY KEY (server_nid, room_nid, after_pos)
    )`.execute(db)
  await sql`CREATE INDEX destination_backlog_room ON destination_backlog (room_nid)`.execute(db)
}
