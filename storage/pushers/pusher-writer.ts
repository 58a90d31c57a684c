import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { Pusher } from './pusher.ts'
import { writeAbout } from './pusher-reader.ts'

/** A pusher as it shall be. */
export interface PusherWish extends Omit<Pusher, 'pusherNid' | 'userId'> {
  /** What it is not told any more, where it keeps a position of its own from the first day on. */
  readonly toldUntil: StreamPosition | null
  /** Whether the device of an earlier pusher with the same key stays, as long as there is that device. */
  readonly keepsDevice: boolean
  /** Whether other users' pushers with the same key stay. */
  readonly keepsOthers: boolean
}

/** Why a pusher is not stored: the user has as many as one may have. */
export class TooManyPushersError extends Error {}

/**
 * Stores a pusher, instead of the user's own of the same app and key.
 *
 * @param limit how many one user may have.
 * @returns the other users who have lost theirs.
 * @throws TooManyPushersError
 */
export async function putPusher(queries: Queries, wish: PusherWish, limit: number): Promise<UserNid[]> {
  return queries.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`pusher ${wish.appId} ${wish.pushkey}`}, 0))`.execute(
      transaction,
    )
    const replaced = wish.keepsOthers
      ? []
      : await transaction
          .deleteFrom('pusher')
          .where('app_id', '=', wish.appId)
          .where('pushkey', '=', wish.pushkey)
          .where('user_nid', '<>', wish.userNid)
          .returning('user_nid')
          .execute()
    const { rows } = await sql<{ own: number }>`
      INSERT INTO pusher (user_nid, app_id, pushkey, kind, device_id, about, enabled, set_ts, told_until)
      VALUES (${wish.userNid}, ${wish.appId}, ${wish.pushkey}, ${wish.kind}, ${wish.deviceId},
              ${writeAbout(wish.about)}, ${wish.enabled}, ${wish.setTs}, ${wish.toldUntil})
      ON CONFLICT (user_nid, app_id, pushkey) DO UPDATE SET
        kind = excluded.kind, about = excluded.about, enabled = excluded.enabled, set_ts = excluded.set_ts,
        told_until = CASE WHEN excluded.enabled AND pusher.enabled AND excluded.kind = pusher.kind
                          THEN pusher.told_until ELSE excluded.told_until END,
        device_id = CASE WHEN ${wish.keepsDevice} AND EXISTS (
            SELECT FROM device WHERE device.user_nid = pusher.user_nid AND device.device_id = pusher.device_id)
          THEN pusher.device_id ELSE excluded.device_id END
      RETURNING (SELECT count(*) FROM pusher own WHERE own.user_nid = ${wish.userNid}
        AND (own.app_id <> ${wish.appId} OR own.pushkey <> ${wish.pushkey})) AS own`.execute(transaction)
    if (rows[0]!.own >= limit) throw new TooManyPushersError()
    return replaced.map((row) => row.user_nid)
  })
}

/** Deletes a user's pusher with an app and key. Returns whether there was one. */
export async function deletePusher(
  queries: Queries,
  userNid: UserNid,
  appId: string,
  pushkey: string,
): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('pusher')
    .where('user_nid', '=', userNid)
    .where('app_id', '=', appId)
    .where('pushkey', '=', pushkey)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
