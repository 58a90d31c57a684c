import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import { ROOM_VERSIONS } from '../../protocol/room-versions/room-versions.ts'
import { passwordHashOf } from '../../storage/accounts/account-reader.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** `GET /capabilities`: what the server can, and what this user may. */
export function capabilityRoutes({ config, queries }: AccountApiContext, { guest }: ClientEndpoints): Routes {
  const { login, rooms } = config
  const { maxDelayMs, maxScheduled } = config.delayedEvents
  const delayedEvents = { max_delay_ms: maxDelayMs, max_scheduled: maxScheduled }
  const disallowed = [
    ...(login.mayChangeDisplayName ? [] : ['displayname']),
    ...(login.mayChangeAvatarUrl ? [] : ['avatar_url']),
  ]
  const profileFields = { enabled: true, ...(disallowed.length > 0 && { disallowed }) }
  const ofEverybody = {
    'm.room_versions': {
      default: rooms.defaultRoomVersion,
      available: Object.fromEntries([...ROOM_VERSIONS.values()].map(({ id, stability }) => [id, stability])),
    },
    'm.set_displayname': { enabled: login.mayChangeDisplayName },
    'm.set_avatar_url': { enabled: login.mayChangeAvatarUrl },
    'm.profile_fields': profileFields,
    'uk.tcpip.msc4133.profile_fields': profileFields,
    'm.3pid_changes': {
      enabled: config.thirdPartyIds.email !== undefined && config.thirdPartyIds.mayChange,
    },
    'm.get_login_token': { enabled: login.existingSession.enabled },
    'm.delayed_events': delayedEvents,
    'org.matrix.msc4140.delayed_events': delayedEvents,
    'm.forget_forced_upon_leave': { enabled: rooms.forgetOnLeave },
  }
  return declareRoutes().get(
    '/_matrix/client/v3/capabilities',
    guest(async (_request, { userNid, admin }) => {
      const hasPassword = login.passwordReauth && (await passwordHashOf(queries, userNid)) !== null
      const moderation = { suspend: true, lock: true }
      return json({
        capabilities: {
          ...ofEverybody,
          'm.change_password': { enabled: hasPassword },
          ...(admin && {
            'm.account_moderation': moderation,
            'uk.timedout.msc4323': moderation,
          }),
        },
      })
    }),
  )
}
