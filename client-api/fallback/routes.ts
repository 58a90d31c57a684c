import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getAuthFallback, postAuthFallback } from './auth-fallback.ts'
import { loginPage } from './login-page.ts'
import { ownPolicy } from './own-policy.ts'

const AUTH = '/_matrix/client/v3/auth/:stage/fallback/web'

/** Pages for browsers, for clients that cannot do a step themselves. */
export function fallbackRoutes(context: AccountApiContext, { open }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(AUTH, open(getAuthFallback(context)))
    .post(AUTH, open(postAuthFallback(context)))
    .get('/_matrix/static/client/login/', open(loginPage))
    .get('/_matrix/consent', open(ownPolicy(context)))
}
