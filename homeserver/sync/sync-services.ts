import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { EphemeralBus } from '../ephemeral/ephemeral-bus.ts'
import type { OpenHistories } from '../history/open-histories.ts'
import type { ReadServices } from '../history/read-services.ts'
import type { ReplacedState } from '../history/replaced-state.ts'
import type { Children } from '../relations/children.ts'
import type { IgnoredUsers } from '../moderation/ignored-users.ts'
import type { InvitePermissions } from '../moderation/invite-permission.ts'
import type { ChangeSource } from './change-source.ts'
import type { CurrentMembers } from './current-members.ts'
import type { MemberTexts } from './member-texts.ts'
import type { Openings } from './openings/openings.ts'
import type { RecentChanges } from './recent-changes.ts'
import type { RoomFacts } from './room-facts.ts'
import type { SentMembers } from './sent-members.ts'
import type { SentTransactions } from './sent-transactions.ts'
import type { StreamProvider } from './stream-provider.ts'
import type { UserViews } from './user-views.ts'

/** What syncs stand on; built once. */
export interface SyncServices extends ReadServices {
  readonly views: UserViews
  readonly recent: RecentChanges
  readonly stored: ChangeSource
  readonly facts: RoomFacts
  readonly members: CurrentMembers
  readonly memberTexts: MemberTexts
  readonly openHistories: OpenHistories
  readonly openings: Openings
  readonly ignoredUsers: IgnoredUsers
  readonly invitePermissions: InvitePermissions
  readonly replacedState: ReplacedState
  readonly children: Children
  readonly sent: SentTransactions
  readonly sentMembers: SentMembers
  readonly ephemeral: EphemeralBus
  readonly providers: readonly StreamProvider[]
}

/** Rooms by number, as most steps hand them on. */
export type ByRoom<Value> = ReadonlyMap<RoomNid, Value>
