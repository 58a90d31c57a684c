import { sql, type Kysely } from 'kysely'

/**
 * What reading needs besides the orders of history and stream: the state events of one place of a room, which tell
 * whether its history was ever closed to newcomers, and when a user joined last.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE INDEX event_place ON event (room_nid, type_nid, state_key_nid) WHERE state_key_nid IS NOT NULL
  `.execute(db)
}
