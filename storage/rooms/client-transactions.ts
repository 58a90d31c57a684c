import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** The primary key that refuses a second event for the same request. */
export const CLIENT_TRANSACTION_KEY = 'client_transaction_pkey'

/** The event that an earlier request of the same identity made. */
export async function findClientTransaction(
  queries: Queries,
  request: { readonly userNid: UserNid; readonly deviceId: string; readonly requestHash: string },
): Promise<string | undefined> {
  const row = await queries
    .selectFrom('client_transaction')
    .select('event_id')
    .where('user_nid', '=', request.userNid)
    .where('device_id', '=', request.deviceId)
    .where('request_hash', '=', Buffer.from(request.requestHash, 'hex'))
    .executeTakeFirst()
  return row?.event_id
}

/** By which transaction id which device of its sender made an event. */
export interface SentBy {
  readonly eventId: string
  readonly deviceId: string
  readonly transactionId: string
}

/** The transaction ids of those of a user's own events that are young enough for a row, in one query. */
export async function readSentBy(
  queries: Queries,
  userNid: UserNid,
  eventIds: readonly string[],
): Promise<readonly SentBy[]> {
  const rows = await queries
    .selectFrom('client_transaction')
    .select(['event_id', 'device_id', 'transaction_id'])
    .where('event_id', '=', sql<string>`ANY(${eventIds}::text[])`)
    .where('user_nid', '=', userNid)
    .where('transaction_id', 'is not', null)
    .execute()
  return rows.map((row) => ({
    eventId: row.event_id,
    deviceId: row.device_id,
    transactionId: row.transaction_id!,
  }))
}
