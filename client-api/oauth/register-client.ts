import { readClientMetadata } from '../../homeserver/oauth/client-metadata.ts'
import { registerClient } from '../../homeserver/oauth/clients.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import type { AccountApiContext } from '../context.ts'
import type { OAuthLimits } from './limits.ts'
import { oauthEndpoint, privateJson } from './oauth-endpoint.ts'

/** Room for fifty redirect URIs and some translations. */
const MAX_METADATA_BYTES = 128 * 1024

/** `POST …/oauth2/register` (client-server API, "Dynamic client registration flow"). */
export function clientRegistration(context: AccountApiContext, limits: OAuthLimits): EndpointMiddleware {
  return oauthEndpoint(context, async (request) => {
    limits.registration.consume(addressKey(request.clientAddress))
    const metadata = readClientMetadata(await request.object({ maxBytes: MAX_METADATA_BYTES }))
    const clientId = await registerClient(context.queries, metadata)
    return privateJson(
      { client_id: clientId, client_id_issued_at: Math.floor(Date.now() / 1000), ...metadata },
      201,
    )
  })
}
