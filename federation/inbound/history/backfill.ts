import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { InboundContext } from '../inbound-context.ts'
import { sharedRoom } from '../resident-room.ts'
import { servedPdus } from './served-pdus.ts'
import { walkBack } from './walk-back.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** A page of history; deployed servers ask for as many. */
const MAX_LIMIT = 100
/** Events to start from: the edges of a gap. */
const MAX_STARTS = 100

/** `GET /backfill/{roomId}`: events and what came before them. */
export function backfillRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  const { rooms } = context
  routes.get(
    '/_matrix/federation/v1/backfill/:roomId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const starts = request.queryAll('v').slice(0, MAX_STARTS)
      if (starts.length === 0) throw new MatrixError(400, 'M_MISSING_PARAM', '`v` is missing')
      const limit = Number(request.query('limit') ?? Number.NaN)
      if (!Number.isSafeInteger(limit) || limit < 0) {
        throw new MatrixError(400, 'M_INVALID_PARAM', '`limit` must be a number')
      }
      const room = await sharedRoom(context, request.param('roomId'), origin)
      const found = await walkBack(room, starts, { limit: Math.min(limit, MAX_LIMIT) })
      return json({
        origin: rooms.serverName,
        origin_server_ts: rooms.now(),
        pdus: await servedPdus(rooms, room, origin, found),
      })
    }),
  )
  return routes
}
