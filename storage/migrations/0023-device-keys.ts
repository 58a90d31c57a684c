import { sql, type Kysely } from 'kysely'

/**
 * Keys of end-to-end encryption, of this server's users alone. `content` is canonical JSON without signatures and
 * `unsigned`, which is what signatures are made over; `signatures` is what came with it. `key_signature` holds those
 * that came later: `target_key` is a device id, or the public key of a master key. `key_nid` is the order of upload.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE device_key (
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      content text NOT NULL,
      signatures text NOT NULL,
      PRIMARY KEY (user_nid, device_id)
    )`.execute(db)
  await sql`
    CREATE TABLE one_time_key (
      key_nid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      algorithm text NOT NULL,
      key_id text NOT NULL,
      content text NOT NULL,
      UNIQUE (user_nid, device_id, algorithm, key_id)
    )`.execute(db)
  await sql`
    CREATE INDEX one_time_key_order ON one_time_key (user_nid, device_id, algorithm, key_nid)
  `.execute(db)
  await sql`
    CREATE TABLE fallback_key (
      user_nid bigint NOT NULL,
      device_id text NOT NULL,
      algorithm text NOT NULL,
      key_id text NOT NULL,
      content text NOT NULL,
      used boolean NOT NULL,
      PRIMARY KEY (user_nid, device_id, algorithm)
    )`.execute(db)
  await sql`
    CREATE TABLE cross_signing_key (
      user_nid bigint NOT NULL,
      usage text NOT NULL,
      public_key text NOT NULL,
      content text NOT NULL,
      signatures text NOT NULL,
      PRIMARY KEY (user_nid, usage)
    )`.execute(db)
  await sql`
    CREATE TABLE key_signature (
      target_nid bigint NOT NULL,
      target_key text NOT NULL,
      signer_nid bigint NOT NULL,
      signing_key text NOT NULL,
      signature text NOT NULL,
      PRIMARY KEY (target_nid, signer_nid, target_key, signing_key)
    )`.execute(db)
  await sql`CREATE INDEX key_signature_signer ON key_signature (signer_nid, signing_key)`.execute(db)
}
