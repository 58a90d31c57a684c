import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'

/** How long what cannot be had is not asked for. Milliseconds. */
export interface PullPause {
  /** After the first failure; it doubles with each. */
  readonly firstMs: number
  readonly maxMs: number
}

/** What failed, and where it came from. */
export interface FailedPull {
  readonly eventId: string
  /** The server that sent the event to us; undefined for history that nobody sent. */
  readonly origin: string | undefined
}

/** Which events could not be pulled of late, with the number of failures and when they may be asked for again. */
export async function failedPulls(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<Map<string, { readonly attempts: number; readonly retryTs: number }>> {
  if (eventIds.length === 0) return new Map()
  const rows = await queries
    .selectFrom('failed_pull')
    .select(['event_id', 'attempts', 'retry_ts'])
    .where('room_nid', '=', roomNid)
    .where('event_id', '=', anyOf(eventIds))
    .execute()
  return new Map(rows.map((row) => [row.event_id, { attempts: row.attempts, retryTs: row.retry_ts }]))
}

/** Counts one more failure of each. */
export async function recordFailedPulls(
  queries: Queries,
  roomNid: RoomNid,
  failed: readonly FailedPull[],
  now: number,
  { firstMs, maxMs }: PullPause,
): Promise<void> {
  if (failed.length === 0) return
  await sql`
    INSERT INTO failed_pull (room_nid, event_id, origin, attempts, retry_ts)
    SELECT ${roomNid}, event_id, origin, 1, ${now + firstMs}
      FROM unnest(${failed.map(({ eventId }) => eventId)}::text[],
                  ${failed.map(({ origin }) => origin ?? null)}::text[]) AS failed(event_id, origin)
    ON CONFLICT (room_nid, event_id) DO UPDATE
       SET attempts = failed_pull.attempts + 1, origin = excluded.origin,
           retry_ts = ${now} + least(${firstMs} * power(2, least(failed_pull.attempts, 30)), ${maxMs})::bigint
  `.execute(queries)
}

/** Forgets failures: the events have come, or nobody waits for them any more. */
export async function forgetFailedPulls(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return
  await queries
    .deleteFrom('failed_pull')
    .where('room_nid', '=', roomNid)
    .where('event_id', '=', anyOf(eventIds))
    .execute()
}

/** Forgets failures whose next attempt has been due since `before`: nobody has asked since. */
export async function forgetOldFailedPulls(queries: Queries, before: number): Promise<void> {
  await queries.deleteFrom('failed_pull').where('retry_ts', '<', before).execute()
}

/** Makes due what waits for a server that is back. @returns the ids of the rooms. */
export async function retryPullsFrom(queries: Queries, origin: string, now: number): Promise<string[]> {
  const { rows } = await sql<{ room_id: string }>`
    WITH due AS (
      UPDATE failed_pull SET retry_ts = ${now} WHERE origin = ${origin} AND retry_ts > ${now} RETURNING room_nid)
    SELECT DISTINCT room.room_id FROM due JOIN room USING (room_nid)`.execute(queries)
  return rows.map((row) => row.room_id)
}
