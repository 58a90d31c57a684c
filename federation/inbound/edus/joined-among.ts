import { newestState } from '../../../homeserver/rooms/actions/state-at.ts'
import { membershipIn } from '../../../homeserver/rooms/membership-in.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'

/**
 * Those of some users of other servers who are joined to a room. While not all members are known, somebody of whom
 * nothing is known counts as joined where their server is in the room.
 */
export async function joinedAmong(
  { partial }: RoomServices,
  room: OpenRoom,
  userIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const state = await newestState(
    room,
    userIds.map((userId) => ['m.room.member', userId] as const),
  )
  const servers = partial.serversOf(room.head.roomNid)
  const joined = userIds.filter((userId) => {
    const member = state('m.room.member', userId)
    return member ? membershipIn(member) === 'join' : servers?.has(serverOf(userId)) === true
  })
  return new Set(joined)
}
