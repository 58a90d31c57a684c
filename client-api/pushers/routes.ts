import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { readPushers } from './read-pushers.ts'
import { setPusher } from './set-pusher.ts'

/** Where users want to be notified. */
export function pusherRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get('/_matrix/client/v3/pushers', user(readPushers(context)))
    .post('/_matrix/client/v3/pushers/set', user(setPusher(context)))
}
