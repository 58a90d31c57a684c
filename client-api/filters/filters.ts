import type { Session } from '../../homeserver/accounts/sessions.ts'
import { parseFilter } from '../../homeserver/filters/parse-filter.ts'
import { json, jsonText } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findFilter, storeFilter } from '../../storage/accounts/filters.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { requireOwnUser } from '../http/own-user.ts'

/** A stored filter is read and parsed at every sync that names it. */
const MAX_FILTER_BYTES = 64 * 1024
/** Equal filters are stored once, so a client that comes near this makes up new ones all the time. */
const MAX_FILTERS_PER_USER = 1_000

/** `POST /user/{userId}/filter` and `GET /user/{userId}/filter/{filterId}`. */
export function filterRoutes(context: AccountApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes()
    .post('/_matrix/client/v3/user/:userId/filter', guest(defineFilter(context)))
    .get('/_matrix/client/v3/user/:userId/filter/:filterId', guest(getFilter(context)))
}

function defineFilter({ queries }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    const definition = await request.object({ maxBytes: MAX_FILTER_BYTES })
    parseFilter(definition)
    const id = await storeFilter(queries, session.userNid, JSON.stringify(definition), MAX_FILTERS_PER_USER)
    if (id === undefined) {
      throw new MatrixError(
        400,
        'M_LIMIT_EXCEEDED',
        `A user can define ${MAX_FILTERS_PER_USER} filters at most`,
      )
    }
    return json({ filter_id: String(id) })
  }
}

function getFilter({ queries }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    const id = Number(request.param('filterId'))
    const definition = Number.isSafeInteger(id) ? await findFilter(queries, session.userNid, id) : undefined
    if (definition === undefined) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such filter')
    return jsonText(definition)
  }
}
