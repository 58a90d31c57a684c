import { sql, type Kysely } from 'kysely'

/**
 * Delayed and repeated work. A job may be taken when both `run_at` and `leased_until` are past. A worker holds it
 * by `lease_token` until `leased_until`, which it keeps moving; one that dies lets it pass. `revision` tells a
 * worker that its job was asked for anew while it ran. Times are milliseconds of the database's clock. The payload
 * is JSON of this server's own making.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE job (
      job_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind text NOT NULL,
      unique_key text,
      payload text NOT NULL,
      run_at bigint NOT NULL,
      repeat_ms bigint,
      revision bigint NOT NULL DEFAULT 0,
      attempts integer NOT NULL DEFAULT 0,
      leased_until bigint NOT NULL DEFAULT 0,
      lease_token uuid,
      last_error text,
      failed_ts bigint,
      UNIQUE (kind, unique_key)
    )`.execute(db)
  await sql`CREATE INDEX job_due ON job (kind, greatest(run_at, leased_until)) WHERE failed_ts IS NULL`.execute(
    db,
  )
  await sql`CREATE INDEX job_failed ON job (failed_ts) WHERE failed_ts IS NOT NULL`.execute(db)
}
