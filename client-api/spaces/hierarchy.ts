import type { Session } from '../../homeserver/accounts/sessions.ts'
import { browseSpace } from '../../homeserver/directory/hierarchy/browse-space.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** `GET /rooms/{roomId}/hierarchy`. */
function getHierarchy({ directory }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const from = request.query('from')
    const { rooms, nextBatch } = await browseSpace(directory, session, {
      roomId: roomIdOf(request),
      suggestedOnly: flag(request, 'suggested_only'),
      maxDepth: wholeNumber(request, 'max_depth', 0),
      limit: wholeNumber(request, 'limit', 1),
      from: from === '' ? undefined : from,
    })
    return json({ rooms, ...(nextBatch !== undefined && { next_batch: nextBatch }) })
  }
}

function flag(request: IncomingRequest, name: string): boolean | undefined {
  const text = request.query(name)
  if (text === undefined || text === 'true' || text === 'false')
    return text === undefined ? undefined : text === 'true'
  throw new MatrixError(400, 'M_INVALID_PARAM', `\`${name}\` must be true or false`)
}

function wholeNumber(request: IncomingRequest, name: string, least: number): number | undefined {
  const text = request.query(name)
  if (text === undefined) return undefined
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1
  if (value >= least) return value
  throw new MatrixError(400, 'M_INVALID_PARAM', `\`${name}\` must be a whole number, ${least} or more`)
}

/** Spaces. The second path is that of MSC2946, which clients fall back to. */
export function spaceRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes()
    .get('/_matrix/client/v1/rooms/:roomId/hierarchy', guest(getHierarchy(context)))
    .get('/_matrix/client/unstable/org.matrix.msc2946/rooms/:roomId/hierarchy', guest(getHierarchy(context)))
}
