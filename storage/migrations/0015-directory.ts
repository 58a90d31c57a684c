import { sql, type Kysely } from 'kysely'

/**
 * The rooms of the public directory, with what it says of them, so that a page of it is read from one index. What is
 * said follows the room's state after the fact: `facts_pos` is the room's newest change of state that it takes in.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE published_room (
      room_nid bigint PRIMARY KEY,
      facts_pos bigint NOT NULL,
      listed boolean NOT NULL,
      federated boolean NOT NULL,
      joined bigint NOT NULL,
      room_type bytea,
      search_text text NOT NULL,
      summary bytea NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX published_room_size ON published_room (joined, room_nid) WHERE listed`.execute(db)
}
