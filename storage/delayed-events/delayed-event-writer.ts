import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import { scheduleJob } from '../jobs/schedule-job.ts'
import type { UserNid } from '../numeric-ids.ts'
import type { FinalisedEvent, NewDelayedEvent } from './delayed-event.ts'

/** The kind of the jobs that send what is due, one a user. */
export const SEND_DELAYED_EVENTS = 'delayed-events.send'

/** What came of storing: the id, of the earlier one where the request is repeated; or that there are too many. */
export type ScheduleResult =
  { readonly delayId: string } | { readonly delayId: undefined; readonly firstDueTs: number }

/** Stores a delayed event with the job that sends it, unless its user has `maxScheduled` of them already. */
export function insertDelayedEvent(
  queries: Queries,
  event: NewDelayedEvent,
  maxScheduled: number,
): Promise<ScheduleResult> {
  return queries.transaction().execute(async (transaction) => {
    await lockUser(transaction, event.userNid)
    const { count, first } = await transaction
      .selectFrom('delayed_event')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('due_ts').as('first')])
      .where('user_nid', '=', event.userNid)
      .where('finalised_ts', 'is', null)
      .executeTakeFirstOrThrow()
    const dueTs = event.delayedSinceTs + event.delayMs
    if (count >= maxScheduled) return { delayId: undefined, firstDueTs: first ?? dueTs }
    const row = await transaction
      .insertInto('delayed_event')
      .values({
        delay_id: event.delayId,
        user_nid: event.userNid,
        device_id: event.deviceId,
        request_hash: event.requestHash ?? null,
        room_nid: event.roomNid,
        draft: event.draft,
        delay_ms: event.delayMs,
        delayed_since_ts: event.delayedSinceTs,
        due_ts: dueTs,
      })
      // The row is updated to what it is, because only a row that was written is returned.
      .onConflict((conflict) =>
        conflict
          .columns(['user_nid', 'device_id', 'request_hash'])
          .doUpdateSet({ device_id: sql`excluded.device_id` }),
      )
      .returning('delay_id')
      .executeTakeFirstOrThrow()
    await scheduleNext(transaction, event.userNid)
    return { delayId: row.delay_id }
  })
}

/** Has the job of a user done when the first scheduled event is due. Its runner has to be woken afterwards. */
export function rescheduleUser(queries: Queries, userNid: UserNid): Promise<void> {
  return queries.transaction().execute(async (transaction) => {
    await lockUser(transaction, userNid)
    await scheduleNext(transaction, userNid)
  })
}

/** Two requests at once must each see what the other stores: the later one sets the job's time. */
async function lockUser(transaction: Queries, userNid: UserNid): Promise<void> {
  await transaction
    .selectFrom('account')
    .select('user_nid')
    .where('user_nid', '=', userNid)
    .forNoKeyUpdate()
    .execute()
}

async function scheduleNext(transaction: Queries, userNid: UserNid): Promise<void> {
  const { first } = await transaction
    .selectFrom('delayed_event')
    .select(({ fn }) => fn.min('due_ts').as('first'))
    .where('user_nid', '=', userNid)
    .where('finalised_ts', 'is', null)
    .executeTakeFirstOrThrow()
  // `min` is null without a row, whatever its type says.
  const runAt = first as number | null
  if (runAt === null) return
  await scheduleJob(transaction, { kind: SEND_DELAYED_EVENTS, key: String(userNid), payload: userNid, runAt })
}

/** Sets a scheduled event's time anew. Returns whether it was scheduled. */
export async function restartDelayedEvent(queries: Queries, delayId: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('delayed_event')
    .set({ delayed_since_ts: now, due_ts: sql`${now}::bigint + delay_ms` })
    .where('delay_id', '=', delayId)
    .where('finalised_ts', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Notes what became of a scheduled event. Returns whether it was scheduled. */
export async function finaliseDelayedEvent(
  queries: Queries,
  delayId: string,
  { finalisedTs, eventId, error }: FinalisedEvent,
): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('delayed_event')
    .set({ finalised_ts: finalisedTs, event_id: eventId ?? null, error: error ?? null })
    .where('delay_id', '=', delayId)
    .where('finalised_ts', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Forgets all delayed events of a user. */
export async function deleteDelayedEventsOf(queries: Queries, userNid: UserNid): Promise<void> {
  await queries.deleteFrom('delayed_event').where('user_nid', '=', userNid).execute()
}
