import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import { delayedEventOf, type DelayedEvent } from './delayed-event.ts'

function rows(queries: Queries) {
  return queries
    .selectFrom('delayed_event')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'delayed_event.user_nid')
    .innerJoin('room', 'room.room_nid', 'delayed_event.room_nid')
    .selectAll('delayed_event')
    .select(['matrix_user.user_id', 'room.room_id'])
}

/** A delayed event by its id, scheduled or finalised. */
export async function findDelayedEvent(queries: Queries, delayId: string): Promise<DelayedEvent | undefined> {
  const row = await rows(queries).where('delay_id', '=', delayId).executeTakeFirst()
  return row && delayedEventOf(row)
}

/** The id that an earlier request of the same identity was answered with. */
export async function findDelayOfRequest(
  queries: Queries,
  userNid: UserNid,
  deviceId: string,
  requestHash: Buffer,
): Promise<string | undefined> {
  const row = await queries
    .selectFrom('delayed_event')
    .select('delay_id')
    .where('user_nid', '=', userNid)
    .where('device_id', '=', deviceId)
    .where('request_hash', '=', requestHash)
    .executeTakeFirst()
  return row?.delay_id
}

/** A user's scheduled events, the one that is due first at the head. */
export async function scheduledEventsOf(
  queries: Queries,
  userNid: UserNid,
  options: { readonly dueBy?: number; readonly limit: number },
): Promise<DelayedEvent[]> {
  const found = await rows(queries)
    .where('delayed_event.user_nid', '=', userNid)
    .where('finalised_ts', 'is', null)
    .$if(options.dueBy !== undefined, (query) => query.where('due_ts', '<=', options.dueBy!))
    .orderBy('due_ts')
    .orderBy('delayed_event_nid')
    .limit(options.limit)
    .execute()
  return found.map(delayedEventOf)
}
