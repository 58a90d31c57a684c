import { sql, type Kysely } from 'kysely'

/** What users have had published at identity servers through this server, so that it can be taken back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE identity_binding (
      user_nid bigint NOT NULL,
      medium text NOT NULL,
      address text NOT NULL,
      id_server text NOT NULL,
      PRIMARY KEY (user_nid, medium, address, id_server)
    )`.execute(db)
}
