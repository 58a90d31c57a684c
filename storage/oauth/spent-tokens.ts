import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Notes that the refresh token of an OAuth session, while there is one, has been exchanged. Twice is the same as once. */
export async function noteSpentToken(
  queries: Queries,
  tokenHash: Buffer,
  userNid: UserNid,
  deviceId: string,
  spentTs: number,
): Promise<void> {
  await sql`
    INSERT INTO oauth_spent_token (token_hash, user_nid, device_id, spent_ts)
    SELECT ${tokenHash}::bytea, user_nid, device_id, ${spentTs}::bigint FROM oauth_session
     WHERE user_nid = ${userNid} AND device_id = ${deviceId}
       FOR KEY SHARE
    ON CONFLICT DO NOTHING`.execute(queries)
}

/** Whose session a refresh token belonged to that has been exchanged, and by which client; undefined if unknown. */
export async function findSpentToken(queries: Queries, tokenHash: Buffer) {
  return queries
    .selectFrom('oauth_spent_token as spent')
    .innerJoin('oauth_session as session', (join) =>
      join
        .onRef('session.user_nid', '=', 'spent.user_nid')
        .onRef('session.device_id', '=', 'spent.device_id'),
    )
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'spent.user_nid')
    .select([
      'spent.user_nid as userNid',
      'spent.device_id as deviceId',
      'matrix_user.user_id as userId',
      'session.client_id as clientId',
    ])
    .where('spent.token_hash', '=', tokenHash)
    .executeTakeFirst()
}
