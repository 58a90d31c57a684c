import { nearestEvent } from '../../../homeserver/history/nearest-event.ts'
import { readTimeWish } from '../../../homeserver/history/read-time-wish.ts'
import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { InboundContext } from '../inbound-context.ts'
import { sharedRoom } from '../resident-room.ts'
import { visibleToServer } from './server-visibility.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** `GET /timestamp_to_event/{roomId}` (server-server API, "Retrieving events"). */
export function timestampToEventRoutes(context: InboundContext): Routes {
  const { rooms } = context
  return declareRoutes().get(
    '/_matrix/federation/v1/timestamp_to_event/:roomId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const { ts, direction } = readTimeWish(request.query('ts'), request.query('dir'))
      const room = await sharedRoom(context, request.param('roomId'), origin)
      const found = await nearestEvent(rooms, room.head.roomNid, ts, direction, async (candidates) => {
        const visible = await visibleToServer(rooms, room, origin, candidates)
        return candidates.filter(({ event }) => visible.has(event.eventId))
      })
      if (!found) throw new MatrixError(404, 'M_NOT_FOUND', 'The room has no event there that you may see')
      return json({ event_id: found.event.eventId, origin_server_ts: found.event.originServerTs })
    }),
  )
}
