import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { deployedSync } from './deployed-sync.ts'
import { v4Sync } from './v4-sync.ts'

/** Sliding sync (MSC4186), in both of its forms. */
export function slidingSyncRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes()
    .post('/_matrix/client/unstable/org.matrix.simplified_msc3575/sync', guest(deployedSync(context)))
    .post('/_matrix/client/v4/sync', guest(v4Sync(context)))
}
