import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { putNetworkRoom } from './network-room.ts'
import { pingAppService } from './ping.ts'

/** What only application services ask (application service API, "Client-Server API Extensions"). */
export function appServiceRoutes(context: ClientApiContext, { appService }: ClientEndpoints): Routes {
  return declareRoutes()
    .post('/_matrix/client/v1/appservice/:appserviceId/ping', appService(pingAppService(context)))
    .put(
      '/_matrix/client/v3/directory/list/appservice/:networkId/:roomId',
      appService(putNetworkRoom(context)),
    )
}
