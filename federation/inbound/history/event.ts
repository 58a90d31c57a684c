import { json, jsonText } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { pduTextsById } from '../../../storage/federation/pdu-texts.ts'
import type { InboundContext } from '../inbound-context.ts'
import { sharedRoom } from '../resident-room.ts'
import { listText, objectText } from './json-splice.ts'
import { servedPdus } from './served-pdus.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** `GET /event/{eventId}` and `/event_auth/{roomId}/{eventId}`: single events and what allows them. */
export function eventRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  const { rooms } = context
  const unknown = () => new MatrixError(404, 'M_NOT_FOUND', 'The event is not known here')
  routes.get(
    '/_matrix/federation/v1/event/:eventId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const stored = await rooms.events.byId(request.param('eventId'))
      if (!stored || stored.verdict === 'rejected') throw unknown()
      const room = await sharedRoom(context, stored.event.roomId, origin)
      // What stands in states and auth chains is every member's to know; it is how their servers judge events.
      const [served] = stored.outlier ? [stored.event.pdu] : await servedPdus(rooms, room, origin, [stored])
      return json({ origin: rooms.serverName, origin_server_ts: rooms.now(), pdus: [served] })
    }),
  )
  routes.get(
    '/_matrix/federation/v1/event_auth/:roomId/:eventId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const room = await sharedRoom(context, request.param('roomId'), origin)
      const { roomNid } = room.head
      const stored = await rooms.events.byId(request.param('eventId'))
      if (stored?.roomNid !== roomNid) throw unknown()
      const chain = await context.authChains.of(roomNid, stored.event.authEvents)
      const texts = await pduTextsById(rooms.queries, roomNid, chain)
      return jsonText(objectText({ auth_chain: listText(texts) }))
    }),
  )
  return routes
}
