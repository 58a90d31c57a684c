import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isRoomId } from '../../protocol/identifiers/room-id.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { AccountApiContext } from '../context.ts'

/** The room of the path. @throws MatrixError 400 M_INVALID_PARAM; 404 for a room that this server never saw. */
export async function roomOfPath(
  { interner }: AccountApiContext,
  request: IncomingRequest,
): Promise<RoomNid> {
  const roomId = request.param('roomId')
  if (!isRoomId(roomId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is no room id')
  const roomNid = await interner.findRoomNid(roomId)
  if (roomNid === undefined) throw new MatrixError(404, 'M_NOT_FOUND', 'This server does not know the room')
  return roomNid
}
