import { sql, type Kysely } from 'kysely'

/**
 * Whose account a session of user-interactive authentication is about, so that its stages can be completed in a
 * browser, which has no access token; the policies that a user has accepted; and erased users, to be found quickly.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE uia_session ADD COLUMN user_nid bigint`.execute(db)
  await sql`ALTER TABLE account ADD COLUMN consent_version text, ADD COLUMN consent_ts bigint`.execute(db)
  await sql`CREATE INDEX account_erased ON account (user_nid) WHERE erased`.execute(db)
}
