import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { postUpgrade } from './upgrade-room.ts'

/** Room upgrades. */
export function upgradeRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes().post('/_matrix/client/v3/rooms/:roomId/upgrade', user(postUpgrade(context)))
}
