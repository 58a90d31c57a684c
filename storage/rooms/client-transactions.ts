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
