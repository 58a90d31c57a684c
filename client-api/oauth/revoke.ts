import { revokeToken } from '../../homeserver/oauth/revoke-token.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import { clientForm, oauthEndpoint, privateJson, requiredField } from './oauth-endpoint.ts'

/** `POST …/oauth2/revoke` (client-server API, "Token revocation"; RFC 7009). */
export function revocation(context: AccountApiContext): EndpointMiddleware {
  return oauthEndpoint(context, async (request) => {
    await revokeToken(context.accounts, requiredField(await clientForm(request), 'token'))
    return privateJson({})
  })
}
