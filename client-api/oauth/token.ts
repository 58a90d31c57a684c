import { exchangeCode } from '../../homeserver/oauth/authorization-codes.ts'
import { DEVICE_CODE_GRANT } from '../../homeserver/oauth/client-metadata.ts'
import { clientCalled, requireClient } from '../../homeserver/oauth/clients.ts'
import { exchangeDeviceCode } from '../../homeserver/oauth/device-authorizations.ts'
import { OAuthError } from '../../homeserver/oauth/oauth-error.ts'
import { refreshTokens } from '../../homeserver/oauth/refresh-tokens.ts'
import type { TokenAnswer } from '../../homeserver/oauth/session-of-grant.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import { clientForm, oauthEndpoint, privateJson, requiredField } from './oauth-endpoint.ts'

type Form = ReadonlyMap<string, string>

/** `POST …/oauth2/token`: the grants of the specification (client-server API, "Grant types"). */
export function tokenEndpoint(context: AccountApiContext): EndpointMiddleware {
  return oauthEndpoint(context, async (request) => {
    const form = await clientForm(request)
    const grant = requiredField(form, 'grant_type')
    return privateJson(await tokensFor(context, grant, form, request.clientAddress))
  })
}

async function tokensFor(
  { accounts, queries }: AccountApiContext,
  grant: string,
  form: Form,
  address: string,
): Promise<TokenAnswer> {
  const clientId = form.get('client_id')
  switch (grant) {
    case 'authorization_code':
      return exchangeCode(accounts, await requireClient(queries, clientId, grant), {
        code: requiredField(form, 'code'),
        redirectUri: form.get('redirect_uri'),
        verifier: form.get('code_verifier'),
        address,
      })
    case DEVICE_CODE_GRANT:
      return exchangeDeviceCode(
        accounts,
        await requireClient(queries, clientId, grant),
        requiredField(form, 'device_code'),
        address,
      )
    case 'refresh_token': {
      // Every session has a refresh token, whatever its client registered for.
      const client = await clientCalled(queries, clientId)
      if (!client) throw new OAuthError('invalid_client', 'There is no such client; register it', 401)
      return refreshTokens(accounts, client, requiredField(form, 'refresh_token'))
    }
    default:
      throw new OAuthError('unsupported_grant_type', 'This server does not have this grant')
  }
}
