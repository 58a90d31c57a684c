import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { findRoom } from '../../homeserver/rooms/actions/find-room.ts'
import { joinRoom, type EntryRequest } from '../../homeserver/rooms/actions/join-room.ts'
import { knockOnRoom } from '../../homeserver/rooms/actions/knock-on-room.ts'
import type { RoomActions } from '../../homeserver/rooms/actions/room-actions.ts'
import { isServerName } from '../../protocol/identifiers/server-name.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { optionalText } from '../http/body-fields.ts'
import { roomIdOf } from './room-id-of.ts'

/** `POST /join/{roomIdOrAlias}`. */
export function postJoin({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const entry = await entryIn(rooms, request, request.param('roomIdOrAlias'))
    await joinRoom(rooms, session, entry)
    return json({ room_id: entry.roomId })
  }
}

/** `POST /rooms/{roomId}/join`. */
export function postRoomJoin({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const entry = await entryIn(rooms, request, roomIdOf(request))
    await joinRoom(rooms, session, entry)
    return json({ room_id: entry.roomId })
  }
}

/** `POST /knock/{roomIdOrAlias}`. */
export function postKnock({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const entry = await entryIn(rooms, request, request.param('roomIdOrAlias'))
    await knockOnRoom(rooms, session, entry)
    return json({ room_id: entry.roomId })
  }
}

/** `server_name` is what `via` was called before version 1.12. */
async function entryIn(
  rooms: RoomActions,
  request: IncomingRequest,
  idOrAlias: string,
): Promise<EntryRequest> {
  const content = await request.optionalObject()
  optionalText(content, 'reason')
  const named = [...request.queryAll('via'), ...request.queryAll('server_name')].filter(isServerName)
  const { roomId, servers } = await findRoom(rooms, idOrAlias)
  return { roomId, servers: [...named, ...servers], content }
}
