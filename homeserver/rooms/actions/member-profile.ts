import { parseJson } from '../../../protocol/json/parse.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { profileOf } from '../../../storage/accounts/profile-reader.ts'
import type { Queries } from '../../../storage/database.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'

/** The profile fields that membership events carry (`m.room.member`). */
const MEMBER_FIELDS = ['displayname', 'avatar_url']

/** The part of a membership event's content that comes from a local user's profile. */
export async function memberProfile(queries: Queries, userNid: UserNid): Promise<JsonObject> {
  const profile = await profileOf(queries, userNid)
  return Object.fromEntries(
    MEMBER_FIELDS.flatMap((field) => {
      const text = profile.get(field)
      const value = text === undefined ? undefined : parseJson(text)
      return typeof value === 'string' ? [[field, value]] : []
    }),
  )
}

/** Whether a field of a profile is one that membership events carry. */
export function isMemberField(field: string): boolean {
  return MEMBER_FIELDS.includes(field)
}
