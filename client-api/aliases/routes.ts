import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { deleteAlias, getAlias, getRoomAliases, putAlias } from './aliases.ts'

const ALIAS = '/_matrix/client/v3/directory/room/:roomAlias'

/** Names of rooms. */
export function aliasRoutes(context: ClientApiContext, { open, guest, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(ALIAS, open(getAlias(context)))
    .put(ALIAS, user(putAlias(context)))
    .delete(ALIAS, user(deleteAlias(context)))
    .get('/_matrix/client/v3/rooms/:roomId/aliases', guest(getRoomAliases(context)))
}
