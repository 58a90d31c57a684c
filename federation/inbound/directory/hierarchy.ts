import { spaceForServer } from '../../../homeserver/directory/hierarchy/space-for-server.ts'
import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { InboundContext } from '../inbound-context.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** `GET /_matrix/federation/v1/hierarchy/{roomId}`. */
export function hierarchyRoutes(context: InboundContext): Routes {
  return declareRoutes().get(
    '/_matrix/federation/v1/hierarchy/:roomId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const suggestedOnly = request.query('suggested_only') === 'true'
      const space = await spaceForServer(context.rooms, origin, request.param('roomId'), suggestedOnly)
      if (!space) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such room, or none that you may see')
      return json(space)
    }),
  )
}
