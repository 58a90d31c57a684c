import { sql, type Kysely } from 'kysely'

/**
 * What users have uploaded and what was fetched from other servers; the bytes are blobs on disk or in a bucket. A row
 * has no blob before the content has come (`expires_ts` then says until when it may) and after it was removed. It is
 * committed after its blob is durable. `loose_blob` names the blobs that no row may stand for: those that are being
 * written, and those whose row has gone. What stays in it is deleted, so a crash at any point leaves nothing behind.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE media (
      media_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      server_nid bigint NOT NULL,
      media_id text NOT NULL,
      uploader_nid bigint,
      created_ts bigint NOT NULL,
      expires_ts bigint,
      stored_ts bigint,
      removed_ts bigint,
      accessed_ts bigint NOT NULL,
      blob_key text,
      size bigint,
      sha256 bytea,
      content_type text,
      sniffed_type text,
      file_name text,
      authenticated boolean NOT NULL DEFAULT true,
      protected boolean NOT NULL DEFAULT false,
      quarantined_ts bigint,
      quarantined_by bigint,
      UNIQUE (server_nid, media_id)
    )`.execute(db)
  await sql`CREATE INDEX media_uploader ON media (uploader_nid, stored_ts) WHERE uploader_nid IS NOT NULL`.execute(
    db,
  )
  await sql`CREATE INDEX media_pending ON media (expires_ts) WHERE expires_ts IS NOT NULL`.execute(db)
  await sql`CREATE INDEX media_accessed ON media (accessed_ts) WHERE blob_key IS NOT NULL`.execute(db)
  await sql`
    CREATE TABLE media_thumbnail (
      media_nid bigint NOT NULL REFERENCES media ON DELETE CASCADE,
      width integer NOT NULL,
      height integer NOT NULL,
      method text NOT NULL,
      animated boolean NOT NULL,
      content_type text NOT NULL,
      size bigint NOT NULL,
      blob_key text NOT NULL,
      PRIMARY KEY (media_nid, width, height, method, animated)
    )`.execute(db)
  await sql`
    CREATE TABLE loose_blob (
      blob_key text PRIMARY KEY,
      loose_since bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX loose_blob_age ON loose_blob (loose_since)`.execute(db)
}
