import { isAfter } from '../../storage/position/position.ts'
import type { EventFilter } from '../filters/filter.ts'
import type { Viewer } from '../history/read-services.ts'
import { typeMatcher } from '../sync/match-event.ts'
import type { ProvidedPart, StreamProvider, SyncStretch } from '../sync/stream-provider.ts'
import type { EphemeralVersion } from '../sync/tokens.ts'
import type { UserView } from '../sync/user-view.ts'
import type { Presence } from './presence.ts'
import { presenceContent } from './presence-status.ts'
import type { TrackedUser } from './tracked-user.ts'

/** Users that a first sync tells of; of the others it is told when something changes. */
const MAX_AT_FIRST = 2_000

const NO_PRESENCE: ProvidedPart = { fields: {}, hasNews: false }

/** Tells syncs who of those in the same rooms has come or gone: `presence` (client-server API, "Presence"). */
export class PresenceProvider implements StreamProvider {
  readonly #presence: Presence
  readonly #viewOf: (viewer: Viewer) => Promise<Pick<UserView, 'rooms'>>

  constructor(presence: Presence, viewOf: (viewer: Viewer) => Promise<Pick<UserView, 'rooms'>>) {
    this.#presence = presence
    this.#viewOf = viewOf
  }

  async read(
    viewer: Viewer,
    { after, seen, durableOnly }: SyncStretch,
    { presence: filter }: { readonly presence: EventFilter },
  ): Promise<ProvidedPart> {
    if (durableOnly || !typeMatcher(filter)('m.presence')) return NO_PRESENCE
    const known = seen?.epoch === this.#presence.clock.epoch ? seen.version : undefined
    const users = new Set<TrackedUser>()
    for (const { membership, joinedAt, roomNid } of (await this.#viewOf(viewer)).rooms.values()) {
      if (membership !== 'join') continue
      const isNew = after !== undefined && joinedAt !== undefined && isAfter(joinedAt, after)
      for (const user of this.#presence.rooms.usersIn(roomNid, isNew ? undefined : known)) {
        // Nobody is told of those who are away but who was told of them as being there.
        const wasThere =
          known !== undefined && (user.version > known || this.#presence.rooms.isLarge(roomNid))
        const isTold = user.presence !== 'offline' || wasThere
        if (isTold || (seen === undefined && this.#presence.settings.includesOffline)) users.add(user)
      }
    }
    const events = this.#textsOf(users, filter)
    if (events.length === 0) return NO_PRESENCE
    const told = known === undefined ? events.slice(0, MAX_AT_FIRST) : events
    return { fields: { presence: `{"events":[${told.join(',')}]}` }, hasNews: true }
  }

  mayHaveEphemeralNews(viewer: Viewer, seen: EphemeralVersion): boolean {
    if (seen.epoch !== this.#presence.clock.epoch) return true
    if (seen.version >= this.#presence.lastChange) return false
    const user = this.#presence.known(viewer.userNid)
    return !user || this.#presence.rooms.hasNews(user.rooms, seen.version)
  }

  #textsOf(users: ReadonlySet<TrackedUser>, { senders, notSenders }: EventFilter): string[] {
    const wanted = senders && new Set(senders)
    const unwanted = new Set(notSenders)
    const now = this.#presence.now()
    return Array.from(users)
      .filter(({ userId }) => (!wanted || wanted.has(userId)) && !unwanted.has(userId))
      .map((user) =>
        JSON.stringify({ type: 'm.presence', sender: user.userId, content: presenceContent(user, now) }),
      )
  }
}
