import type { E2ee } from '../e2ee/e2ee.ts'
import type { Accounts } from '../homeserver/accounts/accounts.ts'
import type { Config } from '../homeserver/config/config.ts'
import type { DelayedEvents } from '../homeserver/delayed-events/delayed-events.ts'
import type { Directory } from '../homeserver/directory/directory.ts'
import type { EphemeralBus } from '../homeserver/ephemeral/ephemeral-bus.ts'
import type { MediaServices } from '../homeserver/media/media-services.ts'
import type { Presence } from '../homeserver/presence/presence.ts'
import type { Pushers } from '../homeserver/push/pushers/pushers.ts'
import type { RateLimits } from '../homeserver/rate-limits/rate-limits.ts'
import type { RoomActions } from '../homeserver/rooms/actions/room-actions.ts'
import type { Search } from '../homeserver/search/search.ts'
import type { SlidingSync } from '../homeserver/sliding-sync/sliding-sync.ts'
import type { Sync } from '../homeserver/sync/sync.ts'
import type { UserDirectory } from '../homeserver/user-directory/user-directory.ts'
import type { JsonObject } from '../protocol/json/value.ts'
import type { Queries } from '../storage/database.ts'
import type { Interner } from '../storage/interning/interner.ts'
import type { Committer } from '../storage/position/committer.ts'

/** Profiles of users of other servers. */
export interface RemoteProfiles {
  /**
   * A user's profile, or one field of it, from the user's own server.
   *
   * @throws MatrixError 404 M_NOT_FOUND when there is none, 502 when the server cannot be reached.
   */
  profile(userId: string, field?: string): Promise<JsonObject>
}

/** What the routes of accounts work with: they know nothing of rooms. */
export interface AccountApiContext {
  readonly config: Config
  readonly queries: Queries
  readonly interner: Interner
  readonly committer: Pick<Committer, 'submit'>
  readonly accounts: Accounts
  readonly limits: RateLimits
  /** Undefined where this server federates with nobody. */
  readonly remoteProfiles?: RemoteProfiles
}

/** What the routes of the client API work with. Built in homeserver/context.ts. */
export interface ClientApiContext extends AccountApiContext {
  readonly rooms: RoomActions
  readonly delayedEvents: DelayedEvents
  readonly ephemeral: EphemeralBus
  readonly presence: Presence
  readonly pushers: Pushers
  readonly sync: Sync
  readonly slidingSync: SlidingSync
  readonly e2ee: E2ee
  readonly directory: Directory
  readonly media: MediaServices
  /** Undefined where nothing is searched. */
  readonly search: Search | undefined
  /** Undefined where nobody is searched. */
  readonly userDirectory: UserDirectory | undefined
}
