import type { Membership } from '../auth-rules/membership.ts'
import type { HistoryVisibility } from './history-visibility.ts'

/** A value of the room's state around one event. For an event that does not change it the two are equal. */
export interface Around<Value> {
  readonly before: Value
  readonly after: Value
}

/** Where one event stands, for one user. A caller fills many of them from few set-based queries. */
export interface UserSight {
  /** The event's type, for the exception that each of the two settings has for its own changes. */
  readonly type: string
  /** Undefined for an event that is not state. */
  readonly stateKey: string | undefined
  readonly userId: string
  readonly visibility: Around<HistoryVisibility>
  /** The user's own membership; undefined for somebody who never had one. */
  readonly membership: Around<Membership | undefined>
  /** Whether the user joined the room at any point after the event, even if they left again. */
  readonly joinedLater: boolean
}

/**
 * Whether a user may see an event. Soft-failed and rejected events are not this function's business: nobody
 * is shown those. Source: client-server API, "Room History Visibility", "Server behaviour".
 */
export function mayUserSeeEvent(sight: UserSight): boolean {
  const { visibility, membership, joinedLater } = sight
  const isOwnMembership = sight.type === 'm.room.member' && sight.stateKey === sight.userId
  return eitherSide(sight, isOwnMembership, (side) =>
    isOpenTo(visibility[side.visibility], asSet(membership[side.membership]), joinedLater),
  )
}

/** Where one event stands, for one server. */
export interface ServerSight {
  readonly type: string
  readonly stateKey: string | undefined
  /** Whether the event is an `m.room.member` event of one of the server's users. */
  readonly isOwnMembership: boolean
  readonly visibility: Around<HistoryVisibility>
  /** The distinct memberships that the server's users had. Only `join` and `invite` matter. */
  readonly memberships: Around<ReadonlySet<Membership>>
  /** Whether any user of the server joined the room at any point after the event. */
  readonly joinedLater: boolean
}

/**
 * Whether a server may be given an event: whether any of its users may see it. The specification sets no
 * rule for servers of its own; this is the users' rule applied to all of a server's users at once.
 */
export function mayServerSeeEvent(sight: ServerSight): boolean {
  const { visibility, memberships, joinedLater } = sight
  return eitherSide(sight, sight.isOwnMembership, (side) =>
    isOpenTo(visibility[side.visibility], memberships[side.membership], joinedLater),
  )
}

type Side = keyof Around<unknown>

/** A change of either setting is seen by whom the setting before or after it lets see it. */
function eitherSide(
  event: { readonly type: string; readonly stateKey: string | undefined },
  isOwnMembership: boolean,
  isOpen: (side: { visibility: Side; membership: Side }) => boolean,
): boolean {
  if (isOpen({ visibility: 'before', membership: 'before' })) return true
  if (event.type === 'm.room.history_visibility' && event.stateKey === '') {
    return isOpen({ visibility: 'after', membership: 'before' })
  }
  return isOwnMembership && isOpen({ visibility: 'before', membership: 'after' })
}

/** Rules 1 to 5, for the state at one event. */
function isOpenTo(
  visibility: HistoryVisibility,
  memberships: ReadonlySet<Membership>,
  joinedLater: boolean,
): boolean {
  if (visibility === 'world_readable') return true
  if (memberships.has('join')) return true
  if (visibility === 'shared') return joinedLater
  return visibility === 'invited' && memberships.has('invite')
}

const NONE: ReadonlySet<Membership> = new Set()

function asSet(membership: Membership | undefined): ReadonlySet<Membership> {
  return membership === undefined ? NONE : new Set([membership])
}
