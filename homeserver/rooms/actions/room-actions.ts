import type { AppServices } from '../../appservices/app-services.ts'
import type { RoomsConfig } from '../../config/sections/rooms.ts'
import type { IdentityService } from '../../identity-service/identity-service.ts'
import type { RateLimits } from '../../rate-limits/rate-limits.ts'
import type { SentTransactions } from '../../sync/sent-transactions.ts'
import { OneAtATime } from '../../turns/one-at-a-time.ts'
import type { RemoteServers } from '../remote-servers.ts'
import type { RoomServices } from '../room-services.ts'
import type { RoomWriter } from '../room-writer.ts'
import { CreationClock } from './create-room/creation-clock.ts'
import { RecentRequests } from './recent-requests.ts'
import type { RoomMovedListener } from './upgrade-room/room-moved.ts'

/** What is given to `createRoomActions`. */
export interface RoomActionsOptions {
  readonly services: RoomServices
  readonly writer: RoomWriter
  /** Undefined where this server federates with nobody. */
  readonly remote: RemoteServers | undefined
  /** Undefined where nobody is invited by e-mail address or telephone number. */
  readonly identityService?: IdentityService | undefined
  readonly config: RoomsConfig
  readonly limits: RateLimits
  readonly appServices: AppServices
  readonly sent: Pick<SentTransactions, 'note'>
}

/** What the functions of this folder work with: everything that users may do to rooms. */
export interface RoomActions extends RoomActionsOptions {
  readonly requests: RecentRequests
  /** One join through other servers at a time for each room: the second finds this server in it and joins here. */
  readonly remoteJoins: OneAtATime
  /** Annotations that are being sent, so that none is sent twice. */
  readonly annotating: Set<string>
  readonly creations: CreationClock
  /** Upgrades under way, by who asks for what. */
  readonly upgrades: Map<string, Promise<string>>
  /** Added to before the server serves. */
  readonly moved: RoomMovedListener[]
}

/** Builds the context of the room functions. Called before sync begins to listen to commits. */
export function createRoomActions(options: RoomActionsOptions): RoomActions {
  const requests = new RecentRequests(options.sent)
  options.services.committer.onCommit((writes) => requests.absorb(writes))
  return {
    ...options,
    requests,
    remoteJoins: new OneAtATime(),
    annotating: new Set(),
    creations: new CreationClock(),
    upgrades: new Map(),
    moved: [],
  }
}
