import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import { STREAM_START, type StreamPosition } from '../position/position.ts'

/** Of which messages a device is to be told. */
export interface InboxStretch {
  readonly userNid: UserNid
  readonly deviceId: string
  /** What has been told up to here is not told again; undefined to begin anew. */
  readonly after: StreamPosition | undefined
  readonly upTo: StreamPosition
  /** What was told up to here has arrived and is deleted; undefined for nothing. */
  readonly received: StreamPosition | undefined
}

/** A message in an inbox. */
export interface InboxMessage {
  readonly seq: number
  /** JSON text. */
  readonly event: string
}

/**
 * Deletes what a device has got and reads what it has not been told, in order, in one statement. Messages count as
 * of their own position, or of the newest page that they stand after.
 */
export async function readInbox(
  queries: Queries,
  { userNid, deviceId, after, upTo, received }: InboxStretch,
  limit: number,
): Promise<InboxMessage[]> {
  const own = sql`user_nid = ${userNid} AND device_id = ${deviceId}`
  const after0 = after ?? STREAM_START
  const received0 = received ?? STREAM_START
  const lastAt = (position: StreamPosition) => sql`coalesce((
    SELECT min(through_seq) FROM to_device_page WHERE ${own} AND stream_pos > ${position}), 9223372036854775807)`
  const { rows } = await sql<InboxMessage>`
    WITH arrived AS (
      DELETE FROM to_device_message
       WHERE ${own} AND stream_pos <= ${received0} AND seq <= ${lastAt(received0)}
    ), turned AS (
      DELETE FROM to_device_page WHERE ${own} AND stream_pos <= ${received0}
    )
    SELECT seq, event FROM to_device_message
     WHERE ${own} AND (stream_pos > ${after0} OR seq > ${lastAt(after0)})
       AND stream_pos <= ${upTo} AND seq <= ${lastAt(upTo)}
     ORDER BY seq LIMIT ${limit}`.execute(queries)
  return rows
}

/** The messages for a device after one of them, in order; none is deleted. @param afterSeq 0 for the first ones. */
export function messagesAfter(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
  afterSeq: number,
  limit: number,
): Promise<InboxMessage[]> {
  return queries
    .selectFrom('to_device_message')
    .select(['seq', 'event'])
    .where('user_nid', '=', userNid)
    .where('device_id', '=', deviceId)
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(limit)
    .execute()
}
