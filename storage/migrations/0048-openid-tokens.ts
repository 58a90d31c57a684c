import { sql, type Kysely } from 'kysely'

/** Tokens by which a user proves to other services who they are (client-server API, "OpenID"); their SHA-256 alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE openid_token (
      token_hash bytea PRIMARY KEY,
      user_nid bigint NOT NULL,
      expires_ts bigint NOT NULL
    )`.execute(db)
  await sql`CREATE INDEX openid_token_age ON openid_token (expires_ts)`.execute(db)
  await sql`CREATE INDEX openid_token_user ON openid_token (user_nid)`.execute(db)
}
