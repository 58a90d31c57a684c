import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** The content of one entry of each of these users as JSON text, by user; who has none is left out. */
export async function accountDataOfUsers(
  queries: Queries,
  userNids: readonly UserNid[],
  roomNid: RoomNid,
  type: string,
): Promise<Map<UserNid, string>> {
  const rows = await queries
    .selectFrom('account_data')
    .select(['user_nid', 'content'])
    .where('user_nid', '=', anyOf(userNids))
    .where('room_nid', '=', roomNid)
    .where('type', '=', type)
    .execute()
  return new Map(rows.flatMap((row) => (row.content === null ? [] : [[row.user_nid, row.content]])))
}
