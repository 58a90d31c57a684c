import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../../context.ts'
import type { ClientEndpoints } from '../../http/client-endpoints.ts'
import { claimOneTimeKeys } from './claim-keys.ts'
import { queryDeviceKeys } from './query-keys.ts'
import { uploadCrossSigningKeys } from './upload-cross-signing.ts'
import { uploadDeviceKeys } from './upload-keys.ts'
import { uploadKeySignatures } from './upload-signatures.ts'

/** End-to-end encryption: keys of devices (client-server API, "Key management API"). */
export function keyRoutes(context: ClientApiContext, { guest, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .post('/_matrix/client/v3/keys/upload', guest(uploadDeviceKeys(context)))
    .post('/_matrix/client/v3/keys/query', guest(queryDeviceKeys(context)))
    .post('/_matrix/client/v3/keys/claim', guest(claimOneTimeKeys(context)))
    .post('/_matrix/client/v3/keys/signatures/upload', guest(uploadKeySignatures(context)))
    .post('/_matrix/client/v3/keys/device_signing/upload', user(uploadCrossSigningKeys(context)))
}
