import { sql, type Kysely } from 'kysely'

/**
 * Under which session of an identity provider somebody has signed in, as a SHA-256 of provider and session: from the
 * browser it goes to the client's device, and all of them end with it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['browser_session', 'login_token', 'oauth_code', 'oauth_device_code', 'device']) {
    await sql`ALTER TABLE ${sql.table(table)} ADD COLUMN sso_session bytea`.execute(db)
  }
  await sql`CREATE INDEX device_sso_session ON device (sso_session) WHERE sso_session IS NOT NULL`.execute(db)
}
