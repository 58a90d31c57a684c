import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Notes that an OAuth session's refresh token has been exchanged. Twice is the same as once. */
export async function noteSpentToken(
  queries: Queries,
  tokenHash: Buffer,
  userNid: UserNid,
  deviceId: string,
  spentTs: number,
): Promise<void> {
  await queries
    .insertInto('oauth_spent_token')
    .values({ token_hash: tokenHash, user_nid: userNid, device_id: deviceId, spent_ts: spentTs })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
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
