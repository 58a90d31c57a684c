import { DEVICE_CODE_GRANT } from '../../homeserver/oauth/client-metadata.ts'
import { requireClient } from '../../homeserver/oauth/clients.ts'
import { startDeviceAuthorization } from '../../homeserver/oauth/device-authorizations.ts'
import { readScope } from '../../homeserver/oauth/scope.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import type { AccountApiContext } from '../context.ts'
import type { OAuthLimits } from './limits.ts'
import { clientForm, oauthEndpoint, privateJson } from './oauth-endpoint.ts'
import { PATHS } from './paths.ts'

/** `POST …/oauth2/device` (client-server API, "Device authorisation flow"; RFC 8628 §3.1). */
export function deviceAuthorization(context: AccountApiContext, limits: OAuthLimits): EndpointMiddleware {
  return oauthEndpoint(context, async (request, base) => {
    limits.deviceAuthorization.consume(addressKey(request.clientAddress))
    const form = await clientForm(request)
    const client = await requireClient(context.queries, form.get('client_id'), DEVICE_CODE_GRANT)
    const started = await startDeviceAuthorization(context.accounts, client, readScope(form.get('scope')))
    const verificationUri = base + PATHS.link.slice(1)
    return privateJson({
      ...started,
      verification_uri: verificationUri,
      verification_uri_complete: `${verificationUri}?${new URLSearchParams({ user_code: started.user_code })}`,
    })
  })
}
