import type { Session } from '../../homeserver/accounts/sessions.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { parseMessageSearch } from '../../homeserver/search/search-request.ts'
import { parseSearchToken } from '../../homeserver/search/search-token.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** `POST /search` (client-server API, "Server Side Search"). */
export function searchRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes().post('/_matrix/client/v3/search', user(postSearch(context)))
}

function postSearch({ search }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    if (!search) throw new MatrixError(400, 'M_UNKNOWN', 'Searches are switched off on this server')
    const categories = ownValue(await request.object(), 'search_categories')
    if (categories === undefined)
      throw new MatrixError(400, 'M_MISSING_PARAM', '`search_categories` is missing')
    if (!isJsonObject(categories))
      throw new MatrixError(400, 'M_BAD_JSON', '`search_categories` must be an object')
    const criteria = ownValue(categories, 'room_events')
    if (criteria === undefined) return jsonText('{"search_categories":{}}')
    if (!isJsonObject(criteria)) throw new MatrixError(400, 'M_BAD_JSON', '`room_events` must be an object')
    const nextBatch = request.query('next_batch')
    const token = nextBatch === undefined || nextBatch === '' ? undefined : parseSearchToken(nextBatch)
    return jsonText(await search.answer(viewer, parseMessageSearch(criteria), token))
  }
}
