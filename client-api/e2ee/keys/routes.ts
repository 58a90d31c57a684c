import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../../context.ts'
import type { ClientEndpoints } from '../../http/client-endpoints.ts'
import { claimOneTimeKeys } from './claim-keys.ts'
import { queryDeviceKeys } from './query-keys.ts'
import { uploadDeviceKeys } from './upload-keys.ts'

/** End-to-end encryption: keys of devices (client-server API, "Key management API"). */
export function keyRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes()
    .post('/_matrix/client/v3/keys/upload', guest(uploadDeviceKeys(context)))
    .post('/_matrix/client/v3/keys/query', guest(queryDeviceKeys(context)))
    .post('/_matrix/client/v3/keys/claim', guest(claimOneTimeKeys(context)))
}
