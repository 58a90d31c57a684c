import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/**
 * Sets a profile field, unless the profile would grow beyond a limit.
 *
 * @param value JSON text.
 * @param maxBytes the most that all keys and values may take together.
 * @returns false, with nothing changed, when it would be larger.
 */
export async function setProfileField(
  queries: Queries,
  userNid: UserNid,
  field: string,
  value: string,
  maxBytes: number,
): Promise<boolean> {
  return queries.transaction().execute(async (transaction) => {
    // The account's row lock keeps two writers from passing the limit together.
    await transaction
      .selectFrom('account')
      .select('user_nid')
      .where('user_nid', '=', userNid)
      .forUpdate()
      .execute()
    const { bytes } = await transaction
      .selectFrom('profile_field')
      .select(sql<number>`coalesce(sum(octet_length(field) + octet_length(value)), 0)`.as('bytes'))
      .where('user_nid', '=', userNid)
      .where('field', '<>', field)
      .executeTakeFirstOrThrow()
    if (Number(bytes) + Buffer.byteLength(field) + Buffer.byteLength(value) > maxBytes) return false
    await transaction
      .insertInto('profile_field')
      .values({ user_nid: userNid, field, value })
      .onConflict((conflict) => conflict.columns(['user_nid', 'field']).doUpdateSet({ value }))
      .execute()
    return true
  })
}

/** Removes a profile field. Returns whether it was there. */
export async function deleteProfileField(
  queries: Queries,
  userNid: UserNid,
  field: string,
): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('profile_field')
    .where('user_nid', '=', userNid)
    .where('field', '=', field)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
