import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import { requiredText } from '../http/body-fields.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** The specification's default, and the most. */
const DEFAULT_LIMIT = 10
const MAX_LIMIT = 50

/** `POST /user_directory/search` (client-server API, "User Directory"). */
export function userDirectoryRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes().post('/_matrix/client/v3/user_directory/search', user(searchUsers(context)))
}

function searchUsers({ userDirectory, limits }: ClientApiContext): Handler<Session> {
  return async (request, { userNid, userId }) => {
    const body = await request.object()
    const term = requiredText(body, 'search_term')
    const limit = ownValue(body, 'limit') ?? DEFAULT_LIMIT
    if (typeof limit !== 'number' || limit < 0) {
      throw new MatrixError(400, 'M_BAD_JSON', '`limit` must be a whole number')
    }
    limits.userDirectory.consume(userId)
    if (!userDirectory) return json({ results: [], limited: false })
    const found = await userDirectory.search(userNid, term, Math.min(Math.floor(limit), MAX_LIMIT))
    return json({ results: found.results, limited: found.limited })
  }
}
