import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { jsonText } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../../homeserver/http/incoming-request.ts'
import { parseStreamToken } from '../../../homeserver/sync/tokens.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isAfter, type StreamPosition } from '../../../storage/position/position.ts'
import type { ClientApiContext } from '../../context.ts'
import type { ClientEndpoints } from '../../http/client-endpoints.ts'

/** `GET /keys/changes` (client-server API, "Key management"). */
export function keyChangesRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes().get('/_matrix/client/v3/keys/changes', user(getKeyChanges(context)))
}

function getKeyChanges({ e2ee, sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const from = positionIn(request, 'from')
    const to = positionIn(request, 'to')
    if (isAfter(to, sync.services.committer.head)) {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`to` is not a token that this server gave out')
    }
    const { fields } = await e2ee.deviceLists.between(viewer, from, to)
    return jsonText(fields.device_lists)
  }
}

function positionIn(request: IncomingRequest, name: string): StreamPosition {
  const token = request.query(name)
  if (token === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${name}\` is missing`)
  return parseStreamToken(token, name).position
}
