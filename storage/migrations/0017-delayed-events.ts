import { sql, type Kysely } from 'kysely'

/**
 * Events that wait for their time (MSC4140), and for a while what became of them. `delayed_event_nid` orders those of
 * one moment. `request_hash` names the request that asked for it, null where the endpoint has no transaction id.
 * `draft` is canonical JSON of type, state key and content. `due_ts` is `delayed_since_ts` and `delay_ms`.
 * Finalised is what has `finalised_ts`: sent with `event_id`, failed with `error` as JSON, cancelled with neither.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE delayed_event (
      delayed_event_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      delay_id text NOT NULL UNIQUE,
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      request_hash bytea,
      room_nid bigint NOT NULL,
      draft text NOT NULL,
      delay_ms bigint NOT NULL,
      delayed_since_ts bigint NOT NULL,
      due_ts bigint NOT NULL,
      finalised_ts bigint,
      event_id text,
      error text,
      UNIQUE (user_nid, device_id, request_hash)
    )`.execute(db)
  await sql`
    CREATE INDEX delayed_event_due ON delayed_event (user_nid, due_ts, delayed_event_nid)
     WHERE finalised_ts IS NULL`.execute(db)
  await sql`
    CREATE INDEX delayed_event_finalised ON delayed_event (user_nid, finalised_ts)
     WHERE finalised_ts IS NOT NULL`.execute(db)
}
