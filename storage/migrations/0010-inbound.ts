import { sql, type Kysely } from 'kysely'

/**
 * What comes in over federation. The last transaction of each server, because a server repeats only its last one;
 * events whose causes have to be fetched before they can be judged; and events that another server had us accept
 * on its behalf, so that we pass them on to the other servers of the room.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE inbound_transaction (
      server_name text PRIMARY KEY,
      txn_id_hash bytea NOT NULL,
      response bytea NOT NULL,
      received_ts bigint NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE inbound_pdu (
      room_nid bigint NOT NULL,
      event_id text NOT NULL,
      arrival bigint GENERATED ALWAYS AS IDENTITY,
      origin text NOT NULL,
      pdu bytea NOT NULL,
      received_ts bigint NOT NULL,
      PRIMARY KEY (room_nid, event_id)
    )`.execute(db)
  await sql`
    CREATE TABLE event_to_relay (
      event_id text PRIMARY KEY,
      origin text NOT NULL,
      marked_ts bigint NOT NULL
    )`.execute(db)
}
