import { json, jsonText } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { InboundContext } from '../inbound-context.ts'
import { sharedRoom } from '../resident-room.ts'
import { listText, objectText } from './json-splice.ts'
import { stateBefore, stateIds, stateTexts } from './state-at-event.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** `GET /state/{roomId}` and `/state_ids/{roomId}`: the state before an event, with its auth chain. */
export function stateRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  const { rooms } = context
  routes.get(
    '/_matrix/federation/v1/state/:roomId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const room = await sharedRoom(context, request.param('roomId'), origin)
      const nids = await stateBefore(rooms, room, eventIdOf(request))
      const { state, authChain } = await stateTexts(context, room, nids)
      return jsonText(objectText({ pdus: listText(state), auth_chain: listText(authChain) }))
    }),
  )
  routes.get(
    '/_matrix/federation/v1/state_ids/:roomId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const room = await sharedRoom(context, request.param('roomId'), origin)
      const nids = await stateBefore(rooms, room, eventIdOf(request))
      const ids = await stateIds(context, room, nids)
      return json({ pdu_ids: ids.stateIds, auth_chain_ids: ids.authChainIds })
    }),
  )
  return routes
}

function eventIdOf(request: IncomingRequest): string {
  const eventId = request.query('event_id')
  if (eventId === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`event_id` is missing')
  return eventId
}
