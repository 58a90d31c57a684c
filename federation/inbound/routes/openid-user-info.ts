import { secretHash } from '../../../homeserver/accounts/bearer-secrets.ts'
import { json } from '../../../homeserver/http/answer.ts'
import { anybody, declareRoutes, endpoint, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { userOfOpenIdToken } from '../../../storage/accounts/openid-tokens.ts'
import type { Queries } from '../../../storage/database.ts'

/** `GET /_matrix/federation/v1/openid/userinfo`: who showed a service a token (server-server API, "OpenID"). */
export function openIdUserInfoRoutes(queries: Queries): Routes {
  const routes = declareRoutes()
  routes.get(
    '/_matrix/federation/v1/openid/userinfo',
    endpoint(anybody, async (request) => {
      const token = request.query('access_token')
      if (token === undefined) throw new MatrixError(401, 'M_MISSING_TOKEN', 'access_token is missing')
      const userId = await userOfOpenIdToken(queries, secretHash(token), Date.now())
      if (userId === undefined) {
        throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'The token is unknown or has expired')
      }
      return json({ sub: userId })
    }),
  )
  return routes
}
