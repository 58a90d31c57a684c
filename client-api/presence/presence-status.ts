import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import {
  isPresenceState,
  MAX_STATUS_LENGTH,
  presenceContent,
} from '../../homeserver/presence/presence-status.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { countMutualRooms } from '../../storage/rooms/mutual-rooms.ts'
import type { ClientApiContext } from '../context.ts'
import { optionalText, requiredText } from '../http/body-fields.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { requireOwnUser } from '../http/own-user.ts'

/** `GET` and `PUT /presence/{userId}/status` (client-server API, "Presence"). */
export function presenceRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes()
    .get('/_matrix/client/v3/presence/:userId/status', guest(getPresence(context)))
    .put('/_matrix/client/v3/presence/:userId/status', guest(setPresence(context)))
}

function getPresence({ presence, queries, interner }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    const userId = request.param('userId')
    if (!isUserId(userId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is no user id')
    const userNid = await interner.findUserNid(userId)
    const isVisible =
      userId === session.userId ||
      (userNid !== undefined && (await countMutualRooms(queries, session.userNid, userNid)) > 0)
    // Users who do not exist are answered as those are who are strangers.
    if (userNid === undefined || !isVisible) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'You share no room with this user')
    }
    return json(presenceContent(presence.statusOf(userNid), presence.now()))
  }
}

function setPresence({ presence, limits }: ClientApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    const body = await request.object()
    const wish = requiredText(body, 'presence')
    const statusMsg = optionalText(body, 'status_msg')
    if (!isPresenceState(wish)) {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`presence` is `online`, `unavailable` or `offline`')
    }
    if ((statusMsg?.length ?? 0) > MAX_STATUS_LENGTH) {
      throw new MatrixError(
        400,
        'M_TOO_LARGE',
        `A status message has at most ${MAX_STATUS_LENGTH} characters`,
      )
    }
    limits.presencePerUser.consumeFor(session)
    presence.choose(session, wish, statusMsg)
    return nothing()
  }
}
