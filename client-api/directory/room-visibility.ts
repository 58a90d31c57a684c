import type { Session } from '../../homeserver/accounts/sessions.ts'
import { isRoomPublished, setRoomPublished } from '../../homeserver/directory/public-rooms/set-visibility.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { optionalText } from '../http/body-fields.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** `GET /directory/list/room/{roomId}`. */
export function getRoomVisibility({ rooms, directory }: ClientApiContext): Handler<undefined> {
  return async (request) => {
    const published = await isRoomPublished(rooms, directory.published, roomIdOf(request))
    return json({ visibility: published ? 'public' : 'private' })
  }
}

/** `PUT /directory/list/room/{roomId}`. */
export function putRoomVisibility({ rooms, directory }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    refuseSuspended(session)
    const visibility = optionalText(await request.optionalObject(), 'visibility') ?? 'public'
    if (visibility !== 'public' && visibility !== 'private') {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`visibility` must be public or private')
    }
    await setRoomPublished(rooms, directory.published, session, roomIdOf(request), visibility === 'public')
    return nothing()
  }
}
