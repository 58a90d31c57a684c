import { sql } from 'kysely'
import type { Queries } from '../database.ts'

/** Finalised events that are kept of one user, as MSC4140 recommends. */
const MAX_FINALISED_PER_USER = 1_000

/** Forgets what was finalised before `before` (milliseconds since the epoch), and each user's oldest beyond a bound. */
export async function pruneDelayedEvents(queries: Queries, before: number): Promise<void> {
  await sql`
    DELETE FROM delayed_event WHERE delayed_event_nid IN (
      SELECT delayed_event_nid FROM (
        SELECT delayed_event_nid, finalised_ts,
               row_number() OVER (PARTITION BY user_nid ORDER BY finalised_ts DESC) AS age
          FROM delayed_event WHERE finalised_ts IS NOT NULL
      ) finalised
      WHERE finalised_ts < ${before} OR age > ${MAX_FINALISED_PER_USER}
    )`.execute(queries)
}
