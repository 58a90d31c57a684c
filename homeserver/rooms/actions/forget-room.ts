import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { findMembership, forgetRoom as storeForgotten } from '../../../storage/rooms/membership-reader.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'

/** Hides a room that a user has left. @throws MatrixError 400 M_UNKNOWN for one that the user is still in. */
export async function forgetRoom({ services }: RoomActions, user: Actor, roomId: string): Promise<void> {
  const roomNid = await services.interner.findRoomNid(roomId)
  const known =
    roomNid === undefined ? undefined : await findMembership(services.queries, user.userNid, roomNid)
  if (!known) throw new MatrixError(404, 'M_NOT_FOUND', 'You have never been in this room')
  if (await storeForgotten(services.queries, user.userNid, known.room_nid)) return
  throw new MatrixError(400, 'M_UNKNOWN', 'Leave the room before you forget it')
}
