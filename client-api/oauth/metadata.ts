import { GRANT_TYPES } from '../../homeserver/oauth/client-metadata.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { ACCOUNT_ACTIONS } from './account-actions.ts'
import { oauthBaseUrl } from './base-url.ts'
import { PATHS } from './paths.ts'

/** `GET /auth_metadata` (client-server API, "Server metadata discovery"). */
export function authMetadata({ config }: AccountApiContext): Handler<undefined> {
  return (request) => {
    const base = oauthBaseUrl(config, request)
    if (base === undefined) throw new MatrixError(404, 'M_UNRECOGNIZED', 'This server has no OAuth 2.0 API')
    const url = (path: string): string => base + path.slice(1)
    return json({
      issuer: base,
      authorization_endpoint: url(PATHS.authorize),
      token_endpoint: url(PATHS.token),
      revocation_endpoint: url(PATHS.revoke),
      registration_endpoint: url(PATHS.register),
      device_authorization_endpoint: url(PATHS.deviceAuthorization),
      response_types_supported: ['code'],
      response_modes_supported: ['query', 'fragment'],
      grant_types_supported: GRANT_TYPES,
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      revocation_endpoint_auth_methods_supported: ['none'],
      prompt_values_supported: ['create'],
      account_management_uri: url(PATHS.account),
      account_management_actions_supported: ACCOUNT_ACTIONS,
    })
  }
}
