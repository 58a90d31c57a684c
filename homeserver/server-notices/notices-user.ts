import { insertAccount } from '../../storage/accounts/account-writer.ts'
import { profileOf } from '../../storage/accounts/profile-reader.ts'
import { setProfileField } from '../../storage/accounts/profile-writer.ts'
import { MAX_PROFILE_BYTES } from '../accounts/profile.ts'
import type { ServerNoticesConfig } from '../config/sections/server-notices.ts'
import type { Actor } from '../rooms/actions/actor.ts'
import type { RoomServices } from '../rooms/room-services.ts'

/** The user who sends notices, an account that nobody can log in to, with the name and picture of the configuration. */
export async function noticesUser(
  { interner, queries, serverName, now }: RoomServices,
  config: ServerNoticesConfig,
): Promise<Actor> {
  const userId = `@${config.senderLocalpart}:${serverName}`
  const userNid = await interner.userNid(userId)
  const account = { userNid, passwordHash: null, admin: false, guest: false, appserviceId: null }
  await insertAccount(queries, { ...account, createdTs: now() })
  const profile = await profileOf(queries, userNid)
  const wanted = { displayname: config.displayName, avatar_url: config.avatarUrl }
  for (const [field, value] of Object.entries(wanted)) {
    const text = JSON.stringify(value)
    if (value === undefined || profile.get(field) === text) continue
    await setProfileField(queries, userNid, field, text, MAX_PROFILE_BYTES)
  }
  return { userNid, userId }
}
