import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { MembershipRow } from '../../../storage/rooms/membership-reader.ts'
import { noticeRoomOf } from '../../../storage/server-notices/notice-rooms.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'

/**
 * An invite to the room of the server's notices stands until it is accepted; who has joined may leave.
 *
 * @throws MatrixError 403 M_CANNOT_LEAVE_SERVER_NOTICE_ROOM (client-server API, "Server Notices").
 */
export async function refuseToDecline(
  { services }: RoomActions,
  user: Actor,
  { membership, room_nid: roomNid }: Pick<MembershipRow, 'membership' | 'room_nid'>,
): Promise<void> {
  if (membership !== 'invite') return
  if ((await noticeRoomOf(services.queries, user.userNid)) !== roomNid) return
  throw new MatrixError(
    403,
    'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM',
    'An invite to the room of server notices cannot be declined',
  )
}
