import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** One version of a user's backup. */
export interface KeyBackup {
  readonly version: number
  readonly algorithm: string
  /** JSON text of an object. */
  readonly authData: string
  readonly etag: number
  readonly keyCount: number
}

/** The newest version that has not been deleted, or the one that is named. */
export async function findBackup(
  queries: Queries,
  userNid: UserNid,
  version?: number,
): Promise<KeyBackup | undefined> {
  const { rows } = await sql<KeyBackup>`
    SELECT version, algorithm, auth_data AS "authData", etag, key_count AS "keyCount" FROM key_backup
     WHERE user_nid = ${userNid} AND auth_data IS NOT NULL
       AND (${version ?? null}::bigint IS NULL OR version = ${version ?? null})
     ORDER BY version DESC LIMIT 1`.execute(queries)
  return rows[0]
}

/**
 * Begins a new version.
 *
 * @param limit how many versions a user has at most that are not deleted.
 * @returns its number; undefined where there are as many as may be.
 */
export async function createBackup(
  queries: Queries,
  userNid: UserNid,
  { algorithm, authData }: Pick<KeyBackup, 'algorithm' | 'authData'>,
  limit: number,
): Promise<number | undefined> {
  return queries.transaction().execute(async (transaction) => {
    // Two at once would take the same number.
    await sql`SELECT 1 FROM account WHERE user_nid = ${userNid} FOR NO KEY UPDATE`.execute(transaction)
    const { rows } = await sql<{ version: number }>`
      INSERT INTO key_backup (user_nid, version, algorithm, auth_data)
      SELECT ${userNid}::bigint, coalesce(max(version), 0) + 1, ${algorithm}::text, ${authData}::text
        FROM key_backup WHERE user_nid = ${userNid}
      HAVING count(auth_data) < ${limit}
      RETURNING version`.execute(transaction)
    return rows[0]?.version
  })
}

/** Gives a version other data about its keys. Returns whether there is such a version. */
export async function setBackupData(
  queries: Queries,
  userNid: UserNid,
  version: number,
  authData: string,
): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('key_backup')
    .set({ auth_data: authData })
    .where('user_nid', '=', userNid)
    .where('version', '=', version)
    .where('auth_data', 'is not', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Deletes a version with its keys; its number stays taken. Returns whether there ever was such a version. */
export async function deleteBackup(queries: Queries, userNid: UserNid, version: number): Promise<boolean> {
  return queries.transaction().execute(async (transaction) => {
    // First, so that nothing is written to it any more.
    const { numUpdatedRows } = await transaction
      .updateTable('key_backup')
      .set({ auth_data: null, key_count: 0 })
      .where('user_nid', '=', userNid)
      .where('version', '=', version)
      .executeTakeFirst()
    await transaction
      .deleteFrom('backed_up_key')
      .where('user_nid', '=', userNid)
      .where('version', '=', version)
      .execute()
    return numUpdatedRows > 0n
  })
}

/** Deletes all that a user has backed up. */
export async function deleteBackupsOf(queries: Queries, userNid: UserNid): Promise<void> {
  await queries.deleteFrom('key_backup').where('user_nid', '=', userNid).execute()
}
