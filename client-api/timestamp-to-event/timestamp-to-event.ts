import type { Session } from '../../homeserver/accounts/sessions.ts'
import { eventAtTime } from '../../homeserver/history/event-at-time.ts'
import { accessRoom } from '../../homeserver/history/room-access.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { readTimeWish } from '../../homeserver/history/read-time-wish.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** Rooms module, "Getting events for a room". */
export function timestampToEventRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes().get(
    '/_matrix/client/v1/rooms/:roomId/timestamp_to_event',
    guest(timestampToEvent(context)),
  )
}

/** `GET /rooms/{roomId}/timestamp_to_event`. */
function timestampToEvent({ sync, rooms }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const access = await accessRoom(sync.services, viewer, request.param('roomId'))
    const found = await eventAtTime(
      sync.services,
      rooms.remote,
      viewer,
      access,
      readTimeWish(request.query('ts'), request.query('dir')),
    )
    if (!found) throw new MatrixError(404, 'M_NOT_FOUND', 'The room has no event there that you may see')
    return json({ event_id: found.event.eventId, origin_server_ts: found.event.originServerTs })
  }
}
