import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isRoomId } from '../../protocol/identifiers/room-id.ts'

/** The path's `roomId`. @throws MatrixError 400 M_INVALID_PARAM for what is no room id. */
export function roomIdOf(request: IncomingRequest): string {
  const roomId = request.param('roomId')
  if (isRoomId(roomId)) return roomId
  throw new MatrixError(400, 'M_INVALID_PARAM', 'This is not a room id')
}
