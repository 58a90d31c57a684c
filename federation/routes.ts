import type { Routes } from '../homeserver/http/endpoint.ts'
import type { PublishedRooms } from '../homeserver/directory/public-rooms/published-rooms.ts'
import type { RateLimits } from '../homeserver/rate-limits/rate-limits.ts'
import { hierarchyRoutes } from './inbound/directory/hierarchy.ts'
import { publicRoomsRoutes } from './inbound/directory/public-rooms.ts'
import { backfillRoutes } from './inbound/history/backfill.ts'
import { eventRoutes } from './inbound/history/event.ts'
import { getMissingEventsRoutes } from './inbound/history/get-missing-events.ts'
import { stateRoutes } from './inbound/history/state.ts'
import { timestampToEventRoutes } from './inbound/history/timestamp-to-event.ts'
import type { MediaServices } from '../homeserver/media/media-services.ts'
import type { InboundContext } from './inbound/inbound-context.ts'
import { localAliases } from './inbound/local-aliases.ts'
import { userKeyRoutes, type UserKeyRoutesOptions } from './inbound/e2ee/user-keys.ts'
import { downloadRoutes } from './inbound/media/download.ts'
import { thumbnailRoutes } from './inbound/media/thumbnail.ts'
import { inviteRoutes } from './inbound/membership/invite.ts'
import { makeMembershipRoutes } from './inbound/membership/make-membership.ts'
import { sendJoinRoutes } from './inbound/membership/send-join.ts'
import { sendKnockRoutes } from './inbound/membership/send-knock.ts'
import { sendLeaveRoutes } from './inbound/membership/send-leave.ts'
import { policySignRoutes } from './inbound/policy/sign.ts'
import { keyQueryRoutes } from './inbound/routes/key-queries.ts'
import { queryDirectoryRoutes } from './inbound/routes/query-directory.ts'
import { queryOtherRoutes } from './inbound/routes/query-other.ts'
import { queryProfileRoutes, type ProfileSource } from './inbound/routes/query-profile.ts'
import { serverKeyRoutes } from './inbound/routes/server-keys.ts'
import { versionRoutes } from './inbound/routes/version.ts'
import { exchangeThirdPartyInviteRoutes } from './inbound/third-party-invites/exchange.ts'
import { onBindRoutes } from './inbound/third-party-invites/onbind.ts'
import { sendRoutes } from './inbound/transactions/send.ts'
import type { Notary } from './keys/notary.ts'
import type { OwnKeys } from './keys/own-keys.ts'
import type { OwnPolicy } from './policy/own-policy.ts'

/** What the routes need beside rooms. */
export interface FederationRoutesOptions {
  readonly inbound: InboundContext
  readonly ownKeys: OwnKeys
  readonly notary: Notary
  readonly limits: RateLimits
  readonly software: { readonly name: string; readonly version: string }
  /** Undefined where this server is no policy server. */
  readonly ownPolicy?: OwnPolicy | undefined
  readonly profiles: ProfileSource
  /** Keys of devices; undefined where there are none. */
  readonly userKeys?: UserKeyRoutesOptions
  /** Undefined where there is none. */
  readonly media?: MediaServices
  /** Whether other servers may look up profiles. */
  readonly profileLookup: boolean
  /** The public directory; undefined where it is not for other servers. */
  readonly publicRooms?: PublishedRooms | undefined
}

/** Every route that other servers call. */
export function federationRoutes(options: FederationRoutesOptions): readonly Routes[] {
  const { inbound, ownKeys } = options
  const { serverName } = inbound.rooms
  const gate = inbound.gate()
  return [
    serverKeyRoutes(ownKeys),
    keyQueryRoutes(options.notary, options.limits),
    versionRoutes(options.software),
    queryProfileRoutes(gate, {
      serverName,
      profiles: options.profiles,
      allowed: options.profileLookup,
    }),
    queryDirectoryRoutes(gate, serverName, localAliases(inbound.rooms)),
    queryOtherRoutes(gate),
    ...(options.userKeys ? [userKeyRoutes(gate, options.userKeys, options.limits)] : []),
    ...(options.ownPolicy ? [policySignRoutes(inbound, options.ownPolicy)] : []),
    ...(options.media ? [downloadRoutes(gate, options.media), thumbnailRoutes(gate, options.media)] : []),
    sendRoutes(inbound),
    makeMembershipRoutes(inbound),
    sendJoinRoutes(inbound),
    sendLeaveRoutes(inbound),
    sendKnockRoutes(inbound),
    inviteRoutes(inbound),
    exchangeThirdPartyInviteRoutes(inbound),
    onBindRoutes(inbound),
    stateRoutes(inbound),
    eventRoutes(inbound),
    backfillRoutes(inbound),
    timestampToEventRoutes(inbound),
    getMissingEventsRoutes(inbound),
    hierarchyRoutes(inbound),
    publicRoomsRoutes(inbound, options.publicRooms),
  ]
}
