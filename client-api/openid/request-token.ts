import { newOpenIdToken, secretHash } from '../../homeserver/accounts/bearer-secrets.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { insertOpenIdToken } from '../../storage/accounts/openid-tokens.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { requireOwnUser } from '../http/own-user.ts'

/** Synapse's; a service exchanges the token at once. */
const LIFETIME_MS = 3_600_000

/** `POST /user/{userId}/openid/request_token` (client-server API, "OpenID"). */
export function openIdRoutes(context: AccountApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes().post(
    '/_matrix/client/v3/user/:userId/openid/request_token',
    user(requestToken(context)),
  )
}

function requestToken({ queries, limits, accounts }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    await request.optionalObject()
    limits.openIdTokens.consumeFor(session)
    const token = newOpenIdToken()
    await insertOpenIdToken(queries, secretHash(token), session.userNid, Date.now() + LIFETIME_MS)
    return json({
      access_token: token,
      token_type: 'Bearer',
      matrix_server_name: accounts.serverName,
      expires_in: LIFETIME_MS / 1000,
    })
  }
}
