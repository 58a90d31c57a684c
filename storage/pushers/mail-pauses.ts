import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** How long a room keeps quiet in the mails of a pusher; milliseconds, and since the epoch. */
export interface MailPause {
  readonly untilTs: number
  readonly pauseMs: number
  /** When the newest message came that a mail told of. */
  readonly newestTs: number
}

/** Those of a pusher, by room. */
export async function mailPausesOf(
  queries: Queries,
  pusherNid: number,
): Promise<ReadonlyMap<RoomNid, MailPause>> {
  const rows = await queries
    .selectFrom('mail_pause')
    .select(['room_nid', 'until_ts as untilTs', 'pause_ms as pauseMs', 'newest_ts as newestTs'])
    .where('pusher_nid', '=', pusherNid)
    .execute()
  return new Map(rows.map(({ room_nid, ...pause }) => [room_nid, pause]))
}

/** Notes what a mail has told a pusher of, and for how long its rooms keep quiet now. */
export async function noteMail(
  queries: Queries,
  pusherNid: number,
  toldUntil: StreamPosition,
  pauses: ReadonlyMap<RoomNid, MailPause>,
): Promise<void> {
  const [rooms, values] = [[...pauses.keys()], [...pauses.values()]]
  await queries.transaction().execute(async (transaction) => {
    // Whoever has removed the pusher meanwhile keeps it removed.
    const { rows } = await sql`
      UPDATE pusher SET told_until = ${toldUntil} WHERE pusher_nid = ${pusherNid} RETURNING 1`.execute(
      transaction,
    )
    if (rows.length === 0 || rooms.length === 0) return
    await sql`
      INSERT INTO mail_pause (pusher_nid, room_nid, until_ts, pause_ms, newest_ts)
      SELECT ${pusherNid}::bigint, * FROM unnest(
        ${rooms}::bigint[], ${values.map(({ untilTs }) => untilTs)}::bigint[],
        ${values.map(({ pauseMs }) => pauseMs)}::bigint[], ${values.map(({ newestTs }) => newestTs)}::bigint[])
      ON CONFLICT (pusher_nid, room_nid) DO UPDATE SET
        until_ts = excluded.until_ts, pause_ms = excluded.pause_ms, newest_ts = excluded.newest_ts`.execute(
      transaction,
    )
  })
}

/** Forgets the pauses that ended before a time: a room that was quiet for so long begins anew. */
export async function deleteMailPauses(queries: Queries, untilTs: number): Promise<void> {
  await queries.deleteFrom('mail_pause').where('until_ts', '<', untilTs).execute()
}
