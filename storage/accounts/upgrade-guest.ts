import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** Makes a guest a full account. Returns false, and changes nothing, when it is none any more. */
export async function makeGuestUser(
  queries: Queries,
  userNid: UserNid,
  passwordHash: string,
): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('account')
    .set({ guest: false, password_hash: passwordHash })
    .where('user_nid', '=', userNid)
    .where('guest', '=', true)
    .where('deactivated', '=', false)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
