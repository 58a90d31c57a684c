import { sql, type Kysely } from 'kysely'

/**
 * A row with a `room_nid` tells no change: the user has come into that room, and its servers that did not hear of the
 * user's devices before have to be told of all of them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE device_list_change ADD COLUMN room_nid bigint`.execute(db)
}
