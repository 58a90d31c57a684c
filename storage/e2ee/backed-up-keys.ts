import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A room key in a backup. */
export interface BackedUpKey {
  readonly roomId: string
  readonly sessionId: string
  readonly isVerified: boolean
  readonly firstMessageIndex: number
  readonly forwardedCount: number
  /** JSON text of an object. */
  readonly sessionData: string
}

/** Of which keys a request speaks: all, those of a room, or one. */
export interface KeyScope {
  readonly roomId?: string | undefined
  readonly sessionId?: string | undefined
}

/** Where a page of keys begins: after this key. */
export type KeyPlace = Pick<BackedUpKey, 'roomId' | 'sessionId'>

/** How a backup is after a change. */
export interface BackupState {
  readonly etag: number
  readonly keyCount: number
}

function within({ roomId = undefined, sessionId = undefined }: KeyScope) {
  return sql`(${roomId ?? null}::text IS NULL OR room_id = ${roomId ?? null})
    AND (${sessionId ?? null}::text IS NULL OR session_id = ${sessionId ?? null})`
}

/** A page of the keys of a version, by room and session. */
export async function readBackedUpKeys(
  queries: Queries,
  userNid: UserNid,
  version: number,
  scope: KeyScope,
  { after, limit }: { readonly after?: KeyPlace | undefined; readonly limit: number },
): Promise<BackedUpKey[]> {
  const { rows } = await sql<BackedUpKey>`
    SELECT room_id AS "roomId", session_id AS "sessionId", is_verified AS "isVerified",
           first_message_index AS "firstMessageIndex", forwarded_count AS "forwardedCount",
           session_data AS "sessionData"
      FROM backed_up_key
     WHERE user_nid = ${userNid} AND version = ${version} AND ${within(scope)}
       AND (room_id, session_id) > (${after?.roomId ?? ''}::text, ${after?.sessionId ?? ''}::text)
     ORDER BY room_id, session_id LIMIT ${limit}`.execute(queries)
  return rows
}

/**
 * Puts keys into a version. Where there is one of the same session, the better one stays: verified before not, then
 * with the lower first message index, then forwarded less often (client-server API, "Server-side key backups").
 *
 * @param maxKeys how many keys a version holds at most.
 * @returns undefined when the version is not the user's newest, or is full.
 */
export async function putBackedUpKeys(
  queries: Queries,
  userNid: UserNid,
  version: number,
  keys: readonly BackedUpKey[],
  maxKeys: number,
): Promise<BackupState | 'full' | undefined> {
  return queries.transaction().execute(async (transaction) => {
    const { rows: backups } = await sql<{ version: number; keyCount: number }>`
      SELECT version, key_count AS "keyCount" FROM key_backup
       WHERE user_nid = ${userNid} AND auth_data IS NOT NULL
       ORDER BY version DESC LIMIT 1 FOR NO KEY UPDATE`.execute(transaction)
    const newest = backups[0]
    if (newest?.version !== version) return undefined
    if (newest.keyCount + keys.length > maxKeys) return 'full'
    const column = <Key extends keyof BackedUpKey>(key: Key): BackedUpKey[Key][] =>
      keys.map((entry) => entry[key])
    const { rows } = await sql<BackupState>`
      WITH stored AS (
        INSERT INTO backed_up_key AS known (user_nid, version, room_id, session_id, is_verified,
                                          first_message_index, forwarded_count, session_data)
        SELECT ${userNid}::bigint, ${version}::bigint, k.* FROM unnest(
          ${column('roomId')}::text[], ${column('sessionId')}::text[], ${column('isVerified')}::boolean[],
          ${column('firstMessageIndex')}::bigint[], ${column('forwardedCount')}::bigint[],
          ${column('sessionData')}::text[]) AS k
        ON CONFLICT (user_nid, version, room_id, session_id) DO UPDATE SET
          is_verified = excluded.is_verified, first_message_index = excluded.first_message_index,
          forwarded_count = excluded.forwarded_count, session_data = excluded.session_data
        WHERE (excluded.is_verified, known.first_message_index, known.forwarded_count)
            > (known.is_verified, excluded.first_message_index, excluded.forwarded_count)
        RETURNING (known.xmax = 0) AS is_new
      )
      UPDATE key_backup SET etag = etag + least((SELECT count(*) FROM stored), 1),
                            key_count = key_count + (SELECT count(*) FROM stored WHERE is_new)
       WHERE user_nid = ${userNid} AND version = ${version}
      RETURNING etag, key_count AS "keyCount"`.execute(transaction)
    return rows[0]
  })
}

/** Deletes keys of a version. Returns undefined when there is no such version. */
export async function deleteBackedUpKeys(
  queries: Queries,
  userNid: UserNid,
  version: number,
  scope: KeyScope,
): Promise<BackupState | undefined> {
  return queries.transaction().execute(async (transaction) => {
    await sql`
      SELECT 1 FROM key_backup WHERE user_nid = ${userNid} AND version = ${version} FOR NO KEY UPDATE
    `.execute(transaction)
    const { rows } = await sql<BackupState>`
      WITH deleted AS (
        DELETE FROM backed_up_key
         WHERE user_nid = ${userNid} AND version = ${version} AND ${within(scope)} RETURNING 1
      )
      UPDATE key_backup SET etag = etag + least((SELECT count(*) FROM deleted), 1),
                            key_count = key_count - (SELECT count(*) FROM deleted)
       WHERE user_nid = ${userNid} AND version = ${version} AND auth_data IS NOT NULL
      RETURNING etag, key_count AS "keyCount"`.execute(transaction)
    return rows[0]
  })
}
