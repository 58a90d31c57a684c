import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/**
 * Stores a filter, or finds the equal one that the user stored before.
 *
 * @param definition JSON text.
 * @param maxFilters how many a user may have.
 * @returns its number, unique for the user; undefined when the user has too many.
 */
export async function storeFilter(
  queries: Queries,
  userNid: UserNid,
  definition: string,
  maxFilters: number,
): Promise<number | undefined> {
  const hash = createHash('sha256').update(definition).digest()
  return queries.transaction().execute(async (transaction) => {
    // The account's row lock keeps two of the user's devices from taking the same number.
    await transaction
      .selectFrom('account')
      .select('user_nid')
      .where('user_nid', '=', userNid)
      .forUpdate()
      .execute()
    const known = await transaction
      .selectFrom('filter')
      .select('filter_id')
      .where('user_nid', '=', userNid)
      .where('definition_hash', '=', hash)
      .executeTakeFirst()
    if (known) return known.filter_id
    const { next } = await transaction
      .selectFrom('filter')
      .select(sql<number>`coalesce(max(filter_id) + 1, 0)`.as('next'))
      .where('user_nid', '=', userNid)
      .executeTakeFirstOrThrow()
    if (next >= maxFilters) return undefined
    await transaction
      .insertInto('filter')
      .values({ user_nid: userNid, filter_id: next, definition_hash: hash, definition })
      .execute()
    return next
  })
}

/** A filter's definition as JSON text, or undefined. */
export async function findFilter(
  queries: Queries,
  userNid: UserNid,
  filterId: number,
): Promise<string | undefined> {
  const row = await queries
    .selectFrom('filter')
    .select('definition')
    .where('user_nid', '=', userNid)
    .where('filter_id', '=', filterId)
    .executeTakeFirst()
  return row?.definition
}
