import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { markRead } from '../../homeserver/rooms/actions/mark-read.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { optionalText } from '../http/body-fields.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** `POST /rooms/{roomId}/read_markers`. */
function postReadMarkers({ rooms }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    await markRead(rooms, session, roomIdOf(request), {
      fullyRead: optionalText(body, 'm.fully_read'),
      read: optionalText(body, 'm.read'),
      readPrivately: optionalText(body, 'm.read.private'),
    })
    return nothing()
  }
}

/** Where users have stopped to read. */
export function readMarkerRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes().post(
    '/_matrix/client/v3/rooms/:roomId/read_markers',
    guest(postReadMarkers(context)),
  )
}
