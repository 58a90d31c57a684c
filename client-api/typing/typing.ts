import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { setTyping } from '../../homeserver/rooms/actions/set-typing.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { requireOwnUser } from '../http/own-user.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** For clients that say none; the specification gives no figure. */
const DEFAULT_TIMEOUT_MS = 30_000

/** `PUT /rooms/{roomId}/typing/{userId}`. */
function putTyping({ rooms, ephemeral, presence }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    const body = await request.object()
    const typing = ownValue(body, 'typing')
    const timeout = ownValue(body, 'timeout') ?? DEFAULT_TIMEOUT_MS
    if (typeof typing !== 'boolean' || typeof timeout !== 'number') {
      throw new MatrixError(400, 'M_BAD_JSON', '`typing` must be true or false, `timeout` milliseconds')
    }
    await setTyping(rooms, ephemeral, session, roomIdOf(request), typing ? timeout : undefined)
    if (typing) presence.act(session.userNid)
    return nothing()
  }
}

/** Who is typing. */
export function typingRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes().put('/_matrix/client/v3/rooms/:roomId/typing/:userId', guest(putTyping(context)))
}
