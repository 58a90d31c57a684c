import type { JsonObject } from '../../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../../protocol/room-versions/rules.ts'
import type { RoomWish } from './room-wish.ts'

const ADMIN = 100
const MODERATOR = 50
/** Beyond every user's level, so that only the creators of a version 12 room may close it. */
const CREATORS_ONLY = 150

/** The first `m.room.power_levels` of a room, with what the client wants of it laid on top. */
export function defaultPowerLevels(
  version: RoomVersionRules,
  creator: string,
  wish: Pick<RoomWish, 'preset' | 'invite' | 'powerLevelOverride'>,
): JsonObject {
  const trusted = wish.preset === 'trusted_private_chat' ? wish.invite : []
  const users = version.privilegedCreators
    ? {}
    : Object.fromEntries([creator, ...trusted].map((userId) => [userId, ADMIN]))
  return {
    users,
    users_default: 0,
    events: {
      'm.room.avatar': MODERATOR,
      'm.room.canonical_alias': MODERATOR,
      'm.room.encryption': ADMIN,
      'm.room.history_visibility': ADMIN,
      'm.room.name': MODERATOR,
      'm.room.power_levels': ADMIN,
      'm.room.server_acl': ADMIN,
      'm.room.tombstone': version.privilegedCreators ? CREATORS_ONLY : ADMIN,
    },
    events_default: 0,
    state_default: MODERATOR,
    ban: MODERATOR,
    kick: MODERATOR,
    redact: MODERATOR,
    invite: wish.preset === 'public_chat' ? MODERATOR : 0,
    ...wish.powerLevelOverride,
  }
}
