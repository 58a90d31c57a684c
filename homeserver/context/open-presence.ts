import type { Logger } from 'pino'
import type { Outbound } from '../../federation/outbound/outbound.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { userRooms } from '../../storage/sync/user-rooms-reader.ts'
import type { Config } from '../config/config.ts'
import type { EphemeralClock } from '../ephemeral/ephemeral-clock.ts'
import { PresenceProvider } from '../presence/presence-provider.ts'
import { presenceContent } from '../presence/presence-status.ts'
import { Presence } from '../presence/presence.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import type { Sync } from '../sync/sync.ts'

/** What presence is wired to. */
export interface PresenceWiring {
  readonly config: Config
  readonly services: RoomServices
  readonly clock: EphemeralClock
  readonly sync: Sync
  readonly outbound: Outbound
  readonly log: Logger
  readonly closing: AsyncDisposableStack
}

/** Builds presence: it follows commits, tells syncs and, where that is switched on, other servers. */
export function openPresence(wiring: PresenceWiring): Presence {
  const { config, services, clock, sync, outbound, log, closing } = wiring
  const { committer, queries, serverName, now } = services
  const { views } = sync.services
  const presence = new Presence({
    settings: config.presence,
    clock,
    // Our own users sync, for which their rooms are in memory anyway.
    roomsOf: async ({ userNid, userId }) =>
      serverOf(userId) === serverName
        ? (await views.of(userNid)).rooms.values()
        : userRooms(queries, userNid),
    now,
    wakeRoom: (roomNid) => views.wakeRoom(roomNid),
    onError: (error) => log.warn({ err: error }, 'presence could not be followed'),
  })
  closing.defer(() => presence.stop())
  if (!config.presence.tells) return presence
  committer.onCommit((writes) => presence.absorb(writes))
  sync.provide(new PresenceProvider(presence, ({ userNid }) => views.of(userNid)))
  if (config.presence.federates) {
    presence.onChange((users) => {
      for (const user of users) {
        if (serverOf(user.userId) !== serverName) continue
        outbound
          .sendPresence(user.userId, presenceContent(user, now()), [...user.rooms])
          .catch((error: unknown) => log.warn({ err: error }, 'presence was not relayed'))
      }
    })
  }
  return presence
}
