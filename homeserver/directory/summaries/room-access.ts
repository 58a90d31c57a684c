import type { Membership } from '../../../protocol/auth-rules/membership.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import { membershipsOf } from '../../../storage/directory/directory-reader.ts'
import type { Actor } from '../../rooms/actions/actor.ts'
import type { SummaryServices } from './load-summaries.ts'
import type { RoomSummary } from './room-summary.ts'

/** What a user has to do with rooms, by room id; those without any relation are left out. */
export type Memberships = ReadonlyMap<string, Membership>

/** A user's memberships of these rooms and of the rooms whose members may join them. */
export async function loadMemberships(
  { queries, interner }: SummaryServices,
  user: Actor,
  summaries: readonly RoomSummary[],
): Promise<Memberships> {
  const roomIds = summaries.flatMap(({ roomId, allowedRoomIds }) => [roomId, ...allowedRoomIds])
  const roomNids = await interner.findRooms(new Set(roomIds))
  const memberships = await membershipsOf(queries, user.userNid, [...roomNids.values()])
  const byId = new Map<string, Membership>()
  for (const [roomId, roomNid] of roomNids) {
    const membership = memberships.get(roomNid)
    if (membership) byId.set(roomId, membership)
  }
  return byId
}

/**
 * Whether a user may see the summary of a room (client-server API, `GET /rooms/{roomId}/hierarchy`): members, the
 * invited, and who may join, knock or look in. The banned may not.
 */
export function mayUserSee(summary: RoomSummary, memberships: Memberships): boolean {
  const membership = memberships.get(summary.roomId)
  if (membership === 'ban') return false
  if (membership === 'join' || membership === 'invite' || isOpenToAll(summary)) return true
  return (
    letsInMembersOfOthers(summary) &&
    summary.allowedRoomIds.some((roomId) => memberships.get(roomId) === 'join')
  )
}

/** Whether anybody may see the summary of a room: it can be looked into, joined or knocked on. */
export function isOpenToAll({ worldReadable, joinRule, version }: RoomSummary): boolean {
  if (worldReadable || joinRule === 'public') return true
  const rules = version === undefined ? undefined : roomVersion(version)
  if (joinRule === 'knock') return rules?.knocking ?? true
  return joinRule === 'knock_restricted' && (rules?.knockRestrictedJoins ?? true)
}

/** Whether the rule of a room lets in the members of the rooms that it names. */
export function letsInMembersOfOthers({ joinRule, version }: RoomSummary): boolean {
  const rules = version === undefined ? undefined : roomVersion(version)
  if (joinRule === 'restricted') return rules?.restrictedJoins ?? true
  return joinRule === 'knock_restricted' && (rules?.knockRestrictedJoins ?? true)
}
