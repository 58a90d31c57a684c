import type { Routes } from '../homeserver/http/endpoint.ts'
import { accountDataRoutes } from './account-data/routes.ts'
import { accountManagementRoutes } from './account/routes.ts'
import { partialJoinRoutes } from './admin/partial-joins.ts'
import { adminRoutes } from './admin/routes.ts'
import { appServiceRoutes } from './appservices/routes.ts'
import { aliasRoutes } from './aliases/routes.ts'
import { capabilityRoutes } from './capabilities/capabilities.ts'
import type { AccountApiContext, ClientApiContext } from './context.ts'
import { delayedEventRoutes } from './delayed-events/routes.ts'
import { deviceRoutes } from './devices/routes.ts'
import { directoryRoutes } from './directory/routes.ts'
import { keyRoutes } from './e2ee/keys/routes.ts'
import { e2eeRoutes } from './e2ee/routes.ts'
import { fallbackRoutes } from './fallback/routes.ts'
import { filterRoutes } from './filters/filters.ts'
import { historyRoutes } from './history/routes.ts'
import { clientEndpoints } from './http/client-endpoints.ts'
import { landingRoutes } from './landing/landing.ts'
import { mediaAdministrationRoutes } from './media/administer.ts'
import { mediaStatisticsRoutes } from './media/statistics.ts'
import { quarantineRoutes } from './media/quarantine.ts'
import { mediaRepositoryRoutes, mediaRoutes } from './media/routes.ts'
import { mutualRoomRoutes } from './mutual-rooms/mutual-rooms.ts'
import { notificationRoutes } from './notifications/notifications.ts'
import { oauthRoutes } from './oauth/routes.ts'
import { openIdRoutes } from './openid/request-token.ts'
import { presenceRoutes } from './presence/presence-status.ts'
import { peekingRoutes } from './peeking/routes.ts'
import { profileRoutes } from './profile/routes.ts'
import { pusherRoutes } from './pushers/routes.ts'
import { pushRuleRoutes } from './push-rules/routes.ts'
import { readMarkerRoutes } from './read-markers/read-markers.ts'
import { receiptRoutes } from './receipts/receipts.ts'
import { relationRoutes } from './relations/routes.ts'
import { registrationRoutes } from './registration/routes.ts'
import { roomSummaryRoutes } from './room-summary/room-summary.ts'
import { reportRoutes } from './reports/reports.ts'
import { roomRoutes } from './rooms/routes.ts'
import { rtcRoutes } from './rtc/transports.ts'
import { searchRoutes } from './search/search.ts'
import { serverNoticeRoutes } from './server-notices/send-server-notice.ts'
import { sessionRoutes } from './session/routes.ts'
import { spaceRoutes } from './spaces/hierarchy.ts'
import { slidingSyncRoutes } from './sliding-sync/routes.ts'
import { ssoRoutes } from './sso/routes.ts'
import { syncRoutes } from './sync/sync.ts'
import { tagRoutes } from './tags/tags.ts'
import { threadSubscriptionRoutes } from './thread-subscriptions/routes.ts'
import { thirdPartyRoutes } from './third-party/third-party.ts'
import { thirdPartyIdRoutes } from './third-party-ids/routes.ts'
import { timestampToEventRoutes } from './timestamp-to-event/timestamp-to-event.ts'
import { typingRoutes } from './typing/typing.ts'
import { upgradeRoutes } from './upgrades/routes.ts'
import { userDirectoryRoutes } from './user-directory/search-users.ts'
import { versionRoutes } from './versions/versions.ts'
import { voipRoutes } from './voip/turn-server.ts'
import { wellKnownRoutes } from './well-known/well-known.ts'

/** The modules about accounts, which need no rooms. */
export function accountRoutes(context: AccountApiContext): readonly Routes[] {
  const endpoints = clientEndpoints(context.accounts)
  return [
    versionRoutes(context, endpoints),
    wellKnownRoutes(context, endpoints),
    registrationRoutes(context, endpoints),
    sessionRoutes(context, endpoints),
    oauthRoutes(context, endpoints),
    ssoRoutes(context),
    accountManagementRoutes(context, endpoints),
    thirdPartyIdRoutes(context, endpoints),
    deviceRoutes(context, endpoints),
    profileRoutes(context, endpoints),
    adminRoutes(context, endpoints),
    fallbackRoutes(context, endpoints),
    landingRoutes(context, endpoints),
    capabilityRoutes(context, endpoints),
    filterRoutes(context, endpoints),
    accountDataRoutes(context, endpoints),
    tagRoutes(context, endpoints),
    pushRuleRoutes(context, endpoints),
    openIdRoutes(context, endpoints),
    voipRoutes(context, endpoints),
    rtcRoutes(context, endpoints),
  ]
}

/** Every module's routes of the client API. */
export function clientRoutes(context: ClientApiContext): readonly Routes[] {
  const endpoints = clientEndpoints(context.accounts)
  return [
    ...accountRoutes(context),
    roomRoutes(context, endpoints),
    delayedEventRoutes(context, endpoints),
    upgradeRoutes(context, endpoints),
    reportRoutes(context, endpoints),
    serverNoticeRoutes(context, endpoints),
    mutualRoomRoutes(context, endpoints),
    aliasRoutes(context, endpoints),
    typingRoutes(context, endpoints),
    presenceRoutes(context, endpoints),
    receiptRoutes(context, endpoints),
    notificationRoutes(context, endpoints),
    pusherRoutes(context, endpoints),
    readMarkerRoutes(context, endpoints),
    syncRoutes(context, endpoints),
    slidingSyncRoutes(context, endpoints),
    historyRoutes(context, endpoints),
    timestampToEventRoutes(context, endpoints),
    peekingRoutes(context, endpoints),
    relationRoutes(context, endpoints),
    threadSubscriptionRoutes(context, endpoints),
    directoryRoutes(context, endpoints),
    appServiceRoutes(context, endpoints),
    thirdPartyRoutes(context, endpoints),
    spaceRoutes(context, endpoints),
    roomSummaryRoutes(context, endpoints),
    searchRoutes(context, endpoints),
    userDirectoryRoutes(context, endpoints),
    ...e2eeRoutes(context, endpoints),
    keyRoutes(context, endpoints),
    mediaRoutes(context.media, endpoints),
    quarantineRoutes(context.media, endpoints),
    partialJoinRoutes(context, endpoints),
    mediaAdministrationRoutes(context.media, endpoints),
    mediaStatisticsRoutes(context.media, endpoints),
  ]
}

/** The routes below `/_matrix/media`, which are for clients and other servers. */
export function repositoryRoutes({ accounts, media }: ClientApiContext): readonly Routes[] {
  return [mediaRepositoryRoutes(media, clientEndpoints(accounts))]
}
