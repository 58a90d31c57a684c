import { sql, type Kysely } from 'kysely'

/**
 * Rooms that application services publish under their own networks. A published room is in the general directory, in
 * those of networks, or in both.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE published_room ADD COLUMN general boolean NOT NULL DEFAULT true`.execute(db)
  await sql`
    CREATE TABLE network_room (
      appservice_id text NOT NULL,
      network_id text NOT NULL,
      room_nid bigint NOT NULL,
      PRIMARY KEY (appservice_id, network_id, room_nid)
    )`.execute(db)
  await sql`CREATE INDEX network_room_room ON network_room (room_nid)`.execute(db)
}
