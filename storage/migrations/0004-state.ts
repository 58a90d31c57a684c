import { sql, type Kysely } from 'kysely'

/** Room state: the trie (DESIGN §3.3), and the tables that hot reads use instead of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE database_secret (
      name text PRIMARY KEY,
      secret bytea NOT NULL
    )`.execute(db)
  await sql`
    CREATE TABLE state_node (
      room_nid bigint NOT NULL,
      hash bytea NOT NULL,
      body bytea NOT NULL,
      PRIMARY KEY (room_nid, hash)
    )`.execute(db)
  await sql`
    CREATE TABLE current_state (
      room_nid bigint NOT NULL,
      type_nid bigint NOT NULL,
      state_key_nid bigint NOT NULL,
      event_nid bigint NOT NULL,
      PRIMARY KEY (room_nid, type_nid, state_key_nid)
    )`.execute(db)
  await sql`
    CREATE TABLE current_state_delta (
      room_nid bigint NOT NULL,
      stream_pos bigint NOT NULL,
      type_nid bigint NOT NULL,
      state_key_nid bigint NOT NULL,
      prev_event_nid bigint,
      event_nid bigint,
      PRIMARY KEY (room_nid, stream_pos, type_nid, state_key_nid)
    )`.execute(db)
  await sql`
    CREATE TABLE membership (
      user_nid bigint NOT NULL,
      room_nid bigint NOT NULL,
      membership text NOT NULL,
      event_nid bigint,
      sender_nid bigint NOT NULL,
      stream_pos bigint NOT NULL,
      joined_pos bigint,
      forgotten boolean NOT NULL DEFAULT false,
      outside boolean NOT NULL DEFAULT false,
      event_pdu bytea,
      stripped_state bytea,
      PRIMARY KEY (user_nid, room_nid)
    )`.execute(db)
  await sql`CREATE INDEX membership_room ON membership (room_nid, membership, user_nid)`.execute(db)
  await sql`CREATE INDEX membership_user_stream ON membership (user_nid, stream_pos)`.execute(db)
  await sql`
    CREATE TABLE room_alias (
      alias text PRIMARY KEY,
      room_nid bigint NOT NULL,
      creator_nid bigint NOT NULL,
      created_ts bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX room_alias_room ON room_alias (room_nid)`.execute(db)
}
