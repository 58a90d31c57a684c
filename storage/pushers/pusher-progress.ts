import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import { saveCursor } from '../position/stream-cursor.ts'
import type { StreamPosition } from '../position/position.ts'

/** How far one pusher has come, where that is not simply as far as all. */
export interface PusherProgress {
  readonly pusherNid: number
  readonly toldUntil: StreamPosition | undefined
  readonly badge: number
}

/** Stores how far all have come, and where single pushers stand, in one transaction. */
export async function savePushProgress(
  queries: Queries,
  consumer: string,
  cursor: StreamPosition,
  changed: readonly PusherProgress[],
): Promise<void> {
  await queries.transaction().execute(async (transaction) => {
    if (changed.length > 0) {
      await sql`
        UPDATE pusher SET told_until = now.told_until, badge = now.badge
          FROM unnest(${changed.map(({ pusherNid }) => pusherNid)}::bigint[],
                      ${changed.map(({ toldUntil }) => toldUntil ?? null)}::bigint[],
                      ${changed.map(({ badge }) => badge)}::bigint[]) AS now(pusher_nid, told_until, badge)
         WHERE pusher.pusher_nid = now.pusher_nid`.execute(transaction)
    }
    await saveCursor(transaction, consumer, cursor)
  })
}
