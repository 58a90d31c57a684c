import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A user's profile: JSON text by field. */
export type StoredProfile = ReadonlyMap<string, string>

/** The profile of a local user; empty when nothing is set. */
export async function profileOf(queries: Queries, userNid: UserNid): Promise<StoredProfile> {
  const rows = await queries
    .selectFrom('profile_field')
    .select(['field', 'value'])
    .where('user_nid', '=', userNid)
    .orderBy('field')
    .execute()
  return new Map(rows.map((row) => [row.field, row.value]))
}

/** One field as JSON text, or undefined. */
export async function profileField(
  queries: Queries,
  userNid: UserNid,
  field: string,
): Promise<string | undefined> {
  const row = await queries
    .selectFrom('profile_field')
    .select('value')
    .where('user_nid', '=', userNid)
    .where('field', '=', field)
    .executeTakeFirst()
  return row?.value
}

/** The profiles of many users at once; users with an empty one are absent. */
export async function profilesOf(
  queries: Queries,
  userNids: readonly UserNid[],
): Promise<Map<UserNid, Map<string, string>>> {
  const rows = await queries
    .selectFrom('profile_field')
    .select(['user_nid', 'field', 'value'])
    .where('user_nid', '=', anyOf(userNids))
    .execute()
  const profiles = new Map<UserNid, Map<string, string>>()
  for (const { user_nid, field, value } of rows) {
    const profile = profiles.get(user_nid) ?? new Map<string, string>()
    profiles.set(user_nid, profile.set(field, value))
  }
  return profiles
}
