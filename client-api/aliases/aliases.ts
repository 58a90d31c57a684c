import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { createAlias, removeAlias } from '../../homeserver/rooms/actions/aliases.ts'
import { findRoomByAlias } from '../../homeserver/rooms/actions/find-room.ts'
import { sightOfRoom } from '../../homeserver/rooms/reading/room-sight.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isRoomAlias } from '../../protocol/identifiers/room-alias.ts'
import { isRoomId } from '../../protocol/identifiers/room-id.ts'
import { aliasesOfRoom } from '../../storage/rooms/aliases.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { requiredText } from '../http/body-fields.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** `GET /directory/room/{roomAlias}`. */
export function getAlias({ rooms }: ClientApiContext): Handler<undefined> {
  return async (request) => {
    const alias = request.param('roomAlias')
    if (!isRoomAlias(alias)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is not a room alias')
    const found = await findRoomByAlias(rooms, alias)
    if (!found) throw new MatrixError(404, 'M_NOT_FOUND', 'No room has this alias')
    return json({ room_id: found.roomId, servers: found.servers })
  }
}

/** `PUT /directory/room/{roomAlias}`. */
export function putAlias({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const roomId = requiredText(await request.object(), 'room_id')
    if (!isRoomId(roomId)) throw new MatrixError(400, 'M_INVALID_PARAM', '`room_id` is not a room id')
    await createAlias(rooms, session, request.param('roomAlias'), roomId)
    return nothing()
  }
}

/** `DELETE /directory/room/{roomAlias}`. */
export function deleteAlias({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    await removeAlias(rooms, session, request.param('roomAlias'))
    return nothing()
  }
}

/** `GET /rooms/{roomId}/aliases`. */
export function getRoomAliases({ rooms, queries }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const { roomNid, root } = await sightOfRoom(rooms.services, session, roomIdOf(request))
    if (root !== undefined) throw new MatrixError(403, 'M_FORBIDDEN', 'You are not in this room')
    return json({ aliases: await aliasesOfRoom(queries, roomNid) })
  }
}
