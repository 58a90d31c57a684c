import type { Migration } from 'kysely/migration'
import * as identifiers from './0001-identifiers.ts'
import * as stream from './0002-stream.ts'
import * as events from './0003-events.ts'
import * as state from './0004-state.ts'
import * as receipts from './0005-receipts.ts'
import * as accounts from './0006-accounts.ts'
import * as federation from './0007-federation.ts'
import * as jobs from './0008-jobs.ts'
import * as outbound from './0009-outbound.ts'
import * as inbound from './0010-inbound.ts'
import * as reading from './0011-reading.ts'
import * as censoring from './0012-censoring.ts'
import * as relations from './0013-relations.ts'
import * as counting from './0014-counting.ts'
import * as moderation from './0016-moderation.ts'
import * as delayedEvents from './0017-delayed-events.ts'
import * as accountProofs from './0018-account-proofs.ts'
import * as directory from './0015-directory.ts'
import * as signIn from './0019-sign-in.ts'
import * as slidingSync from './0020-sliding-sync.ts'
import * as search from './0021-search.ts'
import * as eventTimes from './0022-event-times.ts'
import * as deviceKeys from './0023-device-keys.ts'
import * as deviceLists from './0024-device-lists.ts'
import * as toDevice from './0025-to-device.ts'
import * as ownEcho from './0040-own-echo.ts'
import * as stateCollection from './0041-state-collection.ts'
import * as pushers from './0080-pushers.ts'
import * as thirdPartyIds from './0081-third-party-ids.ts'
import * as delayIds from './0045-delay-ids.ts'
import * as searchedEdits from './0046-searched-edits.ts'
import * as failedPulls from './0065-failed-pulls.ts'
import * as deviceIntroductions from './0047-device-introductions.ts'
import * as openIdTokens from './0048-openid-tokens.ts'
import * as ssoSessions from './0049-sso-sessions.ts'
import * as media from './0070-media.ts'
import * as appserviceTransactions from './0087-appservice-transactions.ts'
import * as networkRooms from './0088-network-rooms.ts'
import * as partialJoinTries from './0100-partial-join-tries.ts'
import * as authHeights from './0105-auth-heights.ts'
import * as stateResolutions from './0106-state-resolutions.ts'
import * as partialJoins from './0053-partial-joins.ts'
import * as imageFacts from './0071-image-facts.ts'
import * as urlPreviews from './0072-url-previews.ts'
import * as mailNotices from './0110-mail-notices.ts'
import * as threadSubscriptions from './0120-thread-subscriptions.ts'
import * as identityBindings from './0111-identity-bindings.ts'

/** Every migration by its name; they run in the order of their names and are never changed once released. */
export const migrations: Record<string, Migration> = {
  '0001-identifiers': identifiers,
  '0002-stream': stream,
  '0003-events': events,
  '0004-state': state,
  '0005-receipts': receipts,
  '0006-accounts': accounts,
  '0007-federation': federation,
  '0008-jobs': jobs,
  '0009-outbound': outbound,
  '0010-inbound': inbound,
  '0011-reading': reading,
  '0012-censoring': censoring,
  '0013-relations': relations,
  '0014-counting': counting,
  '0016-moderation': moderation,
  '0017-delayed-events': delayedEvents,
  '0018-account-proofs': accountProofs,
  '0015-directory': directory,
  '0019-sign-in': signIn,
  '0020-sliding-sync': slidingSync,
  '0021-search': search,
  '0022-event-times': eventTimes,
  '0023-device-keys': deviceKeys,
  '0024-device-lists': deviceLists,
  '0025-to-device': toDevice,
  '0040-own-echo': ownEcho,
  '0041-state-collection': stateCollection,
  '0080-pushers': pushers,
  '0081-third-party-ids': thirdPartyIds,
  '0045-delay-ids': delayIds,
  '0046-searched-edits': searchedEdits,
  '0047-device-introductions': deviceIntroductions,
  '0048-openid-tokens': openIdTokens,
  '0049-sso-sessions': ssoSessions,
  '0065-failed-pulls': failedPulls,
  '0070-media': media,
  '0087-appservice-transactions': appserviceTransactions,
  '0088-network-rooms': networkRooms,
  '0053-partial-joins': partialJoins,
  '0071-image-facts': imageFacts,
  '0072-url-previews': urlPreviews,
  '0100-partial-join-tries': partialJoinTries,
  '0105-auth-heights': authHeights,
  '0106-state-resolutions': stateResolutions,
  '0110-mail-notices': mailNotices,
  '0120-thread-subscriptions': threadSubscriptions,
  '0111-identity-bindings': identityBindings,
}
