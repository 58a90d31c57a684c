import { membershipIn } from '../../protocol/auth-rules/membership.ts'
import type { Queries } from '../../storage/database.ts'
import {
  firstMemberChangesAfter,
  joinedSince,
  ownMemberChanges,
  type MemberChange,
} from '../../storage/e2ee/departures.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import type { RoomNid, TypeNid, UserNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { RoomStretch } from '../../storage/sync/state-places-reader.ts'

/** What the look at departures needs. */
export interface DepartureServices {
  readonly queries: Queries
  readonly events: Pick<EventStore, 'byPlaces'>
  /** The number of `m.room.member`. */
  readonly memberType: TypeNid
}

/**
 * Who was in rooms when a user left them, in the stretches given: not who has come since, and nobody where the user was
 * not joined before, as who refuses an invite. A ban after the leave is no leave.
 */
export async function membersWhenLeft(
  services: DepartureServices,
  userNid: UserNid,
  departed: readonly RoomStretch[],
): Promise<UserNid[]> {
  const { queries, memberType } = services
  const own = await ownMemberChanges(queries, memberType, userNid, departed)
  const left = new Map<RoomNid, StreamPosition>()
  for (const { roomNid, position } of await fromJoin(services, own)) left.set(roomNid, position)
  const moments = Array.from(left, ([roomNid, at]) => ({ roomNid, at }))
  const [stayed, later] = await Promise.all([
    joinedSince(queries, moments),
    firstMemberChangesAfter(queries, memberType, moments),
  ])
  return [...stayed, ...(await fromJoin(services, later)).map((change) => change.userNid)]
}

/** Those of some changes before which the member was joined. */
async function fromJoin(
  { events }: DepartureServices,
  changes: readonly MemberChange[],
): Promise<MemberChange[]> {
  const before = changes.map(({ roomNid, previousNid }) => ({ roomNid, eventNid: previousNid }))
  const stored = await events.byPlaces(before)
  return changes.filter(({ previousNid }) => {
    const previous = stored.get(previousNid)
    return previous !== undefined && membershipIn(previous.event) === 'join'
  })
}
