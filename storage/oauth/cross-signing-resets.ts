import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Allows a user's clients to replace the cross-signing keys until a time, ms since the epoch. */
export async function allowReset(queries: Queries, userNid: UserNid, untilTs: number): Promise<void> {
  await queries
    .insertInto('cross_signing_reset')
    .values({ user_nid: userNid, allowed_until_ts: untilTs })
    .onConflict((conflict) => conflict.column('user_nid').doUpdateSet({ allowed_until_ts: untilTs }))
    .execute()
}

/** Uses a permission up. Returns whether there was one at `now`. */
export async function takeReset(queries: Queries, userNid: UserNid, now: number): Promise<boolean> {
  const row = await queries
    .deleteFrom('cross_signing_reset')
    .where('user_nid', '=', userNid)
    .returning('allowed_until_ts')
    .executeTakeFirst()
  return row !== undefined && row.allowed_until_ts > now
}
