import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** The users who have closed their accounts and asked for everything to go. */
export async function erasedUserNids(queries: Queries): Promise<UserNid[]> {
  const rows = await queries.selectFrom('account').select('user_nid').where('erased', '=', true).execute()
  return rows.map((row) => row.user_nid)
}
