import { sql, type Kysely } from 'kysely'

/**
 * What states were resolved to, by the keyed hash of their roots and of the algorithm. A row keeps the nodes of its state
 * from being collected, and goes when it has not been used for a while.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE state_resolution (
      room_nid bigint NOT NULL,
      inputs bytea NOT NULL,
      root bytea NOT NULL,
      used_ts bigint NOT NULL,
      PRIMARY KEY (room_nid, inputs)
    )`.execute(db)
  await sql`CREATE INDEX state_resolution_used ON state_resolution (used_ts)`.execute(db)
}
